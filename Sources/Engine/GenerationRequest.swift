public import ExpertRouting
public import Transformer

/// How the next token is chosen from the logits.
public struct Sampling: Sendable, Hashable {
    /// 0 is greedy: the largest logit, ties to the lower id.
    public var temperature: Float
    /// Only the most likely tokens that together reach this probability are drawn from.
    public var topP: Float
    /// A random number depends on this and on the token's position only.
    public var seed: UInt64
    /// Added to the logits, by token; tokens beyond the vocabulary are ignored.
    public var logitBias: [TokenID: Float]

    public init(temperature: Float = 1, topP: Float = 1, seed: UInt64 = 0, logitBias: [TokenID: Float] = [:])
    {
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
        self.logitBias = logitBias
    }
}

/// Why a request cannot run on an engine.
public enum InvalidRequest: Error, Hashable {
    case emptyPrompt
    case noTokensRequested
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
    public let prompt: [TokenID]
    public let maximumTokens: Int
    public let sampling: Sampling
    /// Generating one of these ends the sequence; it is not part of the completion.
    public let stopTokens: Set<TokenID>
    public let isolation: Isolation
    /// How many of the most likely tokens to report beside the chosen one's log-probability; `nil`: no
    /// log-probabilities at all.
    public let topLogprobs: Int?

    /// - Throws: what makes the request impossible within `limits`.
    public init(
        prompt: [TokenID], maximumTokens: Int, sampling: Sampling = Sampling(), stopTokens: Set<TokenID> = [],
        isolation: Isolation, topLogprobs: Int? = nil, limits: EngineLimits
    ) throws(InvalidRequest) {
        guard !prompt.isEmpty else { throw .emptyPrompt }
        guard maximumTokens > 0 else { throw .noTokensRequested }
        guard prompt.count < limits.contextLength, maximumTokens <= limits.contextLength - prompt.count else {
            throw .tooLong(
                promptTokens: prompt.count, maximumTokens: maximumTokens, contextLength: limits.contextLength)
        }
        if let stranger = prompt.first(where: { $0 < 0 || Int($0) >= limits.vocabularySize }) {
            throw .tokenOutOfRange(stranger, vocabularySize: limits.vocabularySize)
        }
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopTokens = stopTokens
        self.isolation = isolation
        self.topLogprobs = topLogprobs
    }
}
