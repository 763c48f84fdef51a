public import Tokenizers

/// Identifies a sequence of an engine; never reused.
public struct SequenceID: Sendable, Hashable, Codable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// One token of a completion or prompt, with its log-probability if requested.
public struct SampledToken: Sendable, Hashable {
    /// A token and the natural logarithm of its probability after `logit_bias`, at temperature 1.
    public struct Likelihood: Sendable, Hashable {
        public let token: TokenID
        public let logprob: Float

        public init(token: TokenID, logprob: Float) {
            self.token = token
            self.logprob = logprob
        }
    }

    public let token: TokenID
    /// `nil` unless the request asked for log-probabilities.
    public let logprob: Float?
    /// The most likely tokens, best first, as many as the request asked for.
    public let top: [Likelihood]
    /// For a prompt token: its rank by probability, from 1.
    public let rank: Int?

    public init(token: TokenID, logprob: Float? = nil, top: [Likelihood] = [], rank: Int? = nil) {
        self.token = token
        self.logprob = logprob
        self.top = top
        self.rank = rank
    }
}

/// Why a sequence ended.
public enum FinishReason: String, Sendable, Hashable {
    /// A stop token was generated.
    case stop
    /// The text satisfies its constraint and cannot continue.
    case complete
    /// `maximumTokens` were generated, or none were asked for.
    case length
    /// The client left, or the engine stopped.
    case cancelled
}

/// Statistics of a sequence, reported when it ends.
public struct GenerationSummary: Sendable, Hashable {
    /// Dropped assignments of this sequence's tokens, over all layers and steps.
    public var droppedAssignments = 0
    /// Steps shared with at least one other sequence.
    public var sharedSteps = 0
    /// How often it was preempted and recomputed.
    public var preemptions = 0
    /// Prompt tokens found in the prefix cache.
    public var cachedTokens = 0

    public init() {}
}

/// An event of a sequence: reports on the prompt, then tokens, then one `finished`.
public enum GenerationEvent: Sendable, Hashable {
    /// Consecutive prompt tokens, without the first, which has no log-probability.
    case prompt([SampledToken])
    /// The mean of the prompt's last hidden states, [hidden].
    case embedding([Float])
    case token(SampledToken)
    case finished(FinishReason, GenerationSummary)
}

/// An event with the time its token was sampled.
public struct TimedEvent: Sendable {
    public let event: GenerationEvent
    /// Just before the token was chosen; `nil` for other events.
    public let sampled: ContinuousClock.Instant?
}
