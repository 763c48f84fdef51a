public import Transformer

/// One generated token as the client will hear of it.
public struct SampledToken: Sendable, Hashable {
    public struct Alternative: Sendable, Hashable {
        public let token: TokenID
        public let logprob: Float
    }
    public let token: TokenID
    /// Natural-log probability under the biased, untempered distribution; `nil` unless asked for.
    public let logprob: Float?
    public let top: [Alternative]
}

public enum FinishReason: String, Sendable, Hashable { case stop, length, cancelled }

public enum GenerationEvent: Sendable, Hashable {
    case token(SampledToken)
    case finished(FinishReason, GenerationSummary)
}

/// What is known of a sequence when it ends.
public struct GenerationSummary: Sendable, Hashable {
    /// Assignments of this sequence's tokens that were dropped, over all layers and steps.
    public let droppedAssignments: Int
    /// Steps it shared with at least one other sequence.
    public let sharedSteps: Int
    public let preemptions: Int
}

/// The door through which one sequence's tokens leave the engine: engine thread in, HTTP thread out.
public final class TokenStream: Sendable {
    /// `onEvent` runs on the engine thread after each push, with no lock held.
    public init(onEvent: @escaping @Sendable () -> Void) { fatalError("stub") }
    /// Everything pushed since the last drain.
    public func drain() -> [GenerationEvent] { fatalError("stub") }
}
