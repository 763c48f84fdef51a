public import ExpertRouting
public import Tokenizers

/// How the next token is chosen from the logits.
public struct Sampling: Sendable, Hashable, Codable {
    /// 0 is greedy: the largest logit, ties to the lower id.
    public var temperature: Float
    /// Top-p: draw from the most likely tokens whose probabilities sum to this.
    public var topP: Float
    /// Top-k: draw from this many most likely tokens; `nil`: all.
    public var topK: Int?
    /// Min-p: keep tokens whose probability is at least this times the top token's.
    public var minimumP: Float = 0
    /// Random numbers depend on this and on the token's position only.
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

/// Penalties on the logits of tokens that have occurred.
public struct Penalties: Sendable, Hashable, Codable {
    /// Subtracted once from each token that was generated, as in the OpenAI API.
    public var presence: Float = 0
    /// Subtracted for each time the token was generated, as in the OpenAI API.
    public var frequency: Float = 0
    /// Positive logits of tokens in the prompt or completion are divided by this, negative ones multiplied (CTRL,
    /// arXiv 1909.05858).
    ///
    /// Applied before the other two.
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

/// Limits that requests are checked against.
public struct EngineLimits: Sendable, Hashable {
    /// Maximum prompt plus completion tokens of a sequence.
    public let contextLength: Int
    public let vocabularySize: Int

    public init(contextLength: Int, vocabularySize: Int) {
        self.contextLength = contextLength
        self.vocabularySize = vocabularySize
    }
}

/// A request for one sequence.
///
/// Always valid: the initialiser checks it.
public struct GenerationRequest: Sendable {
    /// What to report besides the completion.
    public struct Report: Sendable, Hashable, Codable {
        /// Most likely tokens to report with each token's log-probability; `nil`: no log-probabilities.
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
    /// 0: compute and report the prompt, generate nothing.
    public let maximumTokens: Int
    /// Stop tokens are forbidden until this many tokens are generated.
    public let minimumTokens: Int
    public let sampling: Sampling
    /// Generating one of these ends the sequence; it is not part of the completion.
    public let stopTokens: Set<TokenID>
    public let isolation: Isolation
    public let report: Report
    /// Among waiting requests the lowest goes first, then first come, first served.
    public let priority: Int
    /// Cached keys and values are shared only between requests with the same salt.
    public let cacheSalt: String?
    /// A constraint on the text.
    ///
    /// The sequence ends when the text is complete and cannot continue.
    ///
    /// If `maximumTokens` suffices, the text is complete when they are used up.
    public let constraint: TokenConstraint?

    /// - Throws: `InvalidRequest` that says why the request is impossible within `limits`.
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
