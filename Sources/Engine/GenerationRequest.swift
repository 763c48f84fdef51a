public import ExpertRouting
public import Transformer

/// How the next token is chosen from the logits.
public struct Sampling: Sendable, Hashable {
    /// 0 is greedy: the largest logit, ties to the lower id.
    public var temperature: Float
    public var topP: Float
    /// A random number depends on this and on the position only.
    public var seed: UInt64
    /// Added to the logits, by token.
    public var logitBias: [TokenID: Float]
    public init(temperature: Float = 1, topP: Float = 1, seed: UInt64 = 0, logitBias: [TokenID: Float] = [:]) {
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
        self.logitBias = logitBias
    }
}

/// Why a request cannot run on this engine.
public enum InvalidRequest: Error, Hashable {
    case emptyPrompt
    case tokenOutOfRange(TokenID)
    case tooLong(promptTokens: Int, maximumTokens: Int, contextLength: Int)
    case noTokensRequested
}

/// What an engine needs to know of a sequence to generate. Can only exist valid.
public struct GenerationRequest: Sendable {
    public let prompt: [TokenID]
    public let maximumTokens: Int
    public let sampling: Sampling
    public let stopTokens: Set<TokenID>
    public let isolation: Isolation
    /// Report this many most likely tokens beside the chosen one's log-probability; `nil`: report none.
    public let topLogprobs: Int?

    public init(
        prompt: [TokenID], maximumTokens: Int, sampling: Sampling = Sampling(), stopTokens: Set<TokenID> = [],
        isolation: Isolation, topLogprobs: Int? = nil, limits: EngineLimits
    ) throws(InvalidRequest) { fatalError("stub") }
}

/// What a request is checked against.
public struct EngineLimits: Sendable, Hashable {
    public let contextLength: Int
    public let vocabularySize: Int
}
