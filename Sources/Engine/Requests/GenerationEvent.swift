public import Tokenizers

/// Tells an engine's sequences apart, for as long as the engine lives.
public struct SequenceID: Sendable, Hashable, Codable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// One token of a completion or of a prompt, and how likely it was.
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
    /// Of a prompt's token: 1 and how many tokens would have been likelier.
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
    /// The text follows its constraint, and nothing may come behind it.
    case complete
    /// `maximumTokens` were generated, or none were asked for.
    case length
    /// The client left, or the engine stopped.
    case cancelled
}

/// What became of a sequence, told when it ends.
public struct GenerationSummary: Sendable, Hashable {
    /// Assignments of this sequence's tokens that found their expert full, over all layers and steps.
    public var droppedAssignments = 0
    /// Steps it shared with at least one other sequence.
    public var sharedSteps = 0
    /// How often its KV blocks were taken and it was computed anew.
    public var preemptions = 0
    /// Tokens of the prompt whose keys and values were in the cache.
    public var cachedTokens = 0

    public init() {}
}

/// What an engine tells about a sequence: what was asked for of the prompt, any number of tokens, then one `finished`.
public enum GenerationEvent: Sendable, Hashable {
    /// Consecutive tokens of the prompt, but the first, for which there is nothing to say.
    case prompt([SampledToken])
    /// The mean of the prompt's last hidden states, [hidden].
    case embedding([Float])
    case token(SampledToken)
    case finished(FinishReason, GenerationSummary)
}

/// An event on its way out of the engine.
public struct TimedEvent: Sendable {
    public let event: GenerationEvent
    /// Just before the token was chosen; `nil` where it is no token.
    public let sampled: ContinuousClock.Instant?
}
