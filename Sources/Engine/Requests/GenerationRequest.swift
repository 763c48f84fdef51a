public import ExpertRouting
public import Tokenizers

/// How the next token is chosen from the logits.
public struct Sampling: Sendable, Hashable, Codable {
    /// 0 is greedy: the largest logit, ties to the lower id.
    public var temperature: Float
    /// Only the most likely tokens that together reach this probability are drawn from.
    public var topP: Float
    /// Only so many of the most likely tokens are drawn from; `nil`: all.
    public var topK: Int?
    /// Only tokens at least this likely are drawn from, as a share of the most likely one's probability.
    public var minimumP: Float = 0
    /// A random number depends on this and on the token's position only.
    public var seed: UInt64
    /// Added to the logits, by token; tokens beyond the vocabulary are ignored.
    public var logitBias: [TokenID: Float]
    public var penalties = Penalties()

    public init(temperature: Float = 1, topP: Float = 1, seed: UInt64 = 0, logitBias: [TokenID: Float] = [:])
    {
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
        self.logitBias = logitBias
    }
}

/// What tokens that have occurred lose of their logits.
public struct Penalties: Sendable, Hashable, Codable {
    /// Taken off once from each generated token, as in the OpenAI API.
    public var presence: Float = 0
    /// Taken off for each time it was generated, as in the OpenAI API.
    public var frequency: Float = 0
    /// Logits of tokens of the prompt or the completion are divided by this where they are positive, else multiplied
    /// with it (CTRL, arXiv 1909.05858), before the other two.
    public var repetition: Float = 1

    public init() {}

    var isNone: Bool { self == Penalties() }
}

/// Why a request cannot run on an engine.
public enum InvalidRequest: Error, Hashable {
    case emptyPrompt
    case negativeMaximum
    case tokenOutOfRange(TokenID, vocabularySize: Int)
    case tooLong(promptTokens: Int, maximumTokens: Int, contextLength: Int)
}

/// What a request is checked against.
public struct EngineLimits: Sendable, Hashable {
    /// Prompt and completion tokens one sequence may have together.
    public let contextLength: Int
    public let vocabularySize: Int

    public init(contextLength: Int, vocabularySize: Int) {
        self.contextLength = contextLength
        self.vocabularySize = vocabularySize
    }
}

/// What an engine needs to know to generate one sequence.
///
/// Can only exist valid.
public struct GenerationRequest: Sendable {
    /// What is wanted beside the completion.
    public struct Report: Sendable, Hashable, Codable {
        /// How many of the most likely tokens to report beside each chosen one's log-probability; `nil`: no
        /// log-probabilities at all.
        public var topLogprobs: Int?
        /// The same for the prompt's tokens.
        public var promptLogprobs: Int?
        /// The mean of the prompt's last hidden states.
        public var wantsEmbedding = false

        var isOnPrompt: Bool { promptLogprobs != nil || wantsEmbedding }

        public init(topLogprobs: Int? = nil, promptLogprobs: Int? = nil, wantsEmbedding: Bool = false) {
            self.topLogprobs = topLogprobs
            self.promptLogprobs = promptLogprobs
            self.wantsEmbedding = wantsEmbedding
        }
    }

    public let prompt: [TokenID]
    /// 0: the prompt is computed and reported on, and nothing is generated.
    public let maximumTokens: Int
    /// No stop token is generated before so many others.
    public let minimumTokens: Int
    public let sampling: Sampling
    /// Generating one of these ends the sequence; it is not part of the completion.
    public let stopTokens: Set<TokenID>
    public let isolation: Isolation
    public let report: Report
    /// Of those that wait, the lowest goes first; of equals, the first to come.
    public let priority: Int
    /// Keys and values are shared only with requests of the same one.
    public let cacheSalt: String?
    /// What the text has to look like; it ends where that is complete and nothing may follow.
    ///
    /// Where `maximumTokens` suffices, it is complete when they are spent.
    public let constraint: TokenConstraint?

    /// - Throws: what makes the request impossible within `limits`.
    public init(
        prompt: [TokenID], maximumTokens: Int, minimumTokens: Int = 0, sampling: Sampling = Sampling(),
        stopTokens: Set<TokenID> = [], isolation: Isolation, report: Report = Report(), priority: Int = 0,
        cacheSalt: String? = nil, constraint: TokenConstraint? = nil, limits: EngineLimits
    ) throws(InvalidRequest) {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        guard maximumTokens >= 0 else { throw .negativeMaximum }
        let room = limits.contextLength - prompt.count
        guard room > 0 || (room == 0 && maximumTokens == 0), maximumTokens <= room else {
            throw .tooLong(
                promptTokens: prompt.count, maximumTokens: maximumTokens, contextLength: limits.contextLength)
        }
        if let stranger = prompt.first(where: { $0 < 0 || Int($0) >= limits.vocabularySize }) {
            throw .tokenOutOfRange(stranger, vocabularySize: limits.vocabularySize)
        }
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.minimumTokens = minimumTokens
        self.sampling = sampling
        self.stopTokens = stopTokens
        self.isolation = isolation
        self.report = report
        self.priority = priority
        self.cacheSalt = cacheSalt
        self.constraint = constraint
    }
}
