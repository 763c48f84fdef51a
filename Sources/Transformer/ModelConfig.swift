/// A checkpoint's `config.json`, typed: Mixtral (MoE), Llama and Mistral (dense).
public struct ModelConfig: Sendable, Hashable {
    /// The sparse part of a Mixtral.
    public struct Experts: Sendable, Hashable {
        public let count: Int
        public let perToken: Int
        public let intermediateSize: Int
    }
    public let architecture: String
    public let vocabularySize: Int
    public let hiddenSize: Int
    public let layerCount: Int
    public let headCount: Int
    public let keyValueHeadCount: Int
    public let headDimension: Int
    /// Dense feed-forward width; `nil` where `experts` is set.
    public let intermediateSize: Int?
    /// `nil` for a dense model.
    public let experts: Experts?
    public let maximumPositions: Int
    public let slidingWindow: Int?
    public let ropeTheta: Double
    public let rmsNormEpsilon: Float
    public let tiesEmbeddings: Bool
    public let endTokens: [TokenID]

    public init(contentsOf path: String) throws(CheckpointError) { fatalError("stub") }
}
