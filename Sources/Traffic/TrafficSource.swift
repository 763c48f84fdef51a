/// One source of traffic: it thinks, asks, waits for the answer, and thinks again.
///
/// A value: the same generator gives the same turns. Draws are integers, so that no processor's libm changes them.
public struct TrafficSource<Generator: RandomNumberGenerator & Sendable>: Sendable {
    private let profile: TrafficProfile
    private var generator: Generator

    public init(_ profile: TrafficProfile, generator: Generator) {
        self.profile = profile
        self.generator = generator
    }

    /// What it does next.
    public mutating func next() -> TrafficTurn {
        TrafficTurn(
            think: generator.exponential(mean: profile.meanThink),
            model: generator.below(max(1, profile.modelCount)),
            prompt: generator.below(max(1, profile.promptCount)),
            length: profile.lengths.lowerBound + generator.below(profile.lengths.count))
    }
}

/// What a source of traffic draws from.
public struct TrafficProfile: Sendable, Hashable {
    /// The mean time between an answer and the next request, in units of the caller's choice: microseconds of a clock, or
    /// steps of an engine.
    public var meanThink: UInt64
    /// Models that it asks, each as often as the others.
    public var modelCount: Int
    /// Prompts that it sends, each as often as the others.
    public var promptCount: Int
    /// Tokens that it asks for, each number as often as the others.
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
