/// A checkpoint's `config.json`, typed: Mixtral (MoE), Llama and Mistral (dense).
///
/// A value that exists is consistent: sizes are positive, heads divide evenly, every end token is in the
/// vocabulary, and nothing in the file asked for what the decoder does not do.
public struct ModelConfig: Sendable, Hashable {
    /// The sparse part of a Mixtral.
    public struct Experts: Sendable, Hashable {
        /// E, experts per layer.
        public let count: Int
        /// k, experts per token.
        public let perToken: Int
    }

    /// As in `architectures`: `MixtralForCausalLM`, `LlamaForCausalLM` or `MistralForCausalLM`.
    public let architecture: String
    public let vocabularySize: Int
    /// Width of the residual stream.
    public let hiddenSize: Int
    public let layerCount: Int
    /// Query heads per layer.
    public let headCount: Int
    /// Key and value heads per layer; divides `headCount`.
    public let keyValueHeadCount: Int
    /// Width of one head; even.
    public let headDimension: Int
    /// Feed-forward width: of the network, or of each expert.
    public let intermediateSize: Int
    /// `nil` for a dense model.
    public let experts: Experts?
    /// The longest sequence, prompt and completion together.
    public let maximumPositions: Int
    /// How many positions back a token attends, itself included; `nil` for all.
    public let slidingWindow: Int?
    public let ropeTheta: Double
    public let rmsNormEpsilon: Float
    /// Whether the output head is the embedding table.
    public let tiesEmbeddings: Bool
    /// Tokens that end a completion, from `config.json` and the `generation_config.json` beside it.
    public let endTokens: [TokenID]
}
