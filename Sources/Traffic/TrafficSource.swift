/// One source of traffic: it thinks, sends a request, waits for the answer, and repeats.
///
/// A value: the same generator gives the same turns. All draws are integers, so they do not depend on a processor's libm.
public struct TrafficSource<Generator: RandomNumberGenerator & Sendable>: Sendable {
    private let profile: TrafficProfile
    private var generator: Generator

    public init(_ profile: TrafficProfile, generator: Generator) {
        self.profile = profile
        self.generator = generator
    }

    /// The next turn.
    public mutating func next() -> TrafficTurn {
        TrafficTurn(
            think: generator.exponential(mean: profile.meanThink),
            model: generator.below(max(1, profile.modelCount)),
            prompt: generator.below(max(1, profile.promptCount)),
            length: profile.lengths.lowerBound + generator.below(profile.lengths.count))
    }
}

/// The distributions that a source draws from.
public struct TrafficProfile: Sendable, Hashable {
    /// Mean time between an answer and the next request, in a unit of the caller's choice, such as microseconds or steps.
    public var meanThink: UInt64
    /// Number of models, drawn uniformly.
    public var modelCount: Int
    /// Number of prompts, drawn uniformly.
    public var promptCount: Int
    /// Tokens to ask for, drawn uniformly.
    public var lengths: ClosedRange<Int>

    public init(meanThink: UInt64, modelCount: Int, promptCount: Int, lengths: ClosedRange<Int>) {
        self.meanThink = meanThink
        self.modelCount = modelCount
        self.promptCount = promptCount
        self.lengths = lengths
    }
}

/// One request of a source, and the time before it.
public struct TrafficTurn: Sendable, Hashable {
    /// In the profile's unit.
    public let think: UInt64
    /// Index of a model.
    public let model: Int
    /// Index of a prompt.
    public let prompt: Int
    /// Tokens to ask for.
    public let length: Int
}
