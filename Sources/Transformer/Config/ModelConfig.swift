public import ExpertRouting
public import Numerics
public import Tokenizers

/// A checkpoint's `config.json`: the properties of its `ModelFamily`, with the sizes from the file.
///
/// Values are consistent: sizes are positive, heads divide evenly, end tokens are in the vocabulary, and the file
/// requires no unsupported feature.
public struct ModelConfig: Sendable, Hashable {
    /// One block of the decoder.
    public struct Layer: Sendable, Hashable {
        /// How many positions back a token attends, itself included; `nil` for all.
        public let slidingWindow: Int?
        public let feedForward: FeedForward
    }

    public enum FeedForward: Sendable, Hashable {
        /// A single network of this width.
        case dense(width: Int)
        case experts(Experts)
    }

    /// The sparse part of a layer.
    public struct Experts: Sendable, Hashable {
        /// E: experts per layer.
        public let count: Int
        /// K: experts per token.
        public let perToken: Int
        /// Feed-forward width of each expert.
        public let width: Int
        public let gating: Gating
        /// Computed for every token, besides its choices; `nil` for none.
        public let shared: SharedExperts?
        /// Prefix of their weights' names in the file.
        let names: ModelFamily.Experts
    }

    /// Experts that compute every token, as one network.
    public struct SharedExperts: Sendable, Hashable {
        /// Their total width.
        public let width: Int
        /// Whether their output is weighted by the sigmoid of a logit of its own (Qwen2-MoE).
        public let isGated: Bool
    }

    /// How queries, keys and values are computed.
    public enum Projection: Sendable, Hashable {
        /// Directly from the hidden state (arXiv 2305.13245).
        case grouped(GroupedProjection)
        /// Through narrow latents (multi-head latent attention, arXiv 2405.04434).
        case latent(LatentProjection)
    }

    public struct GroupedProjection: Sendable, Hashable {
        /// Whether the projections of queries, keys and values have biases.
        public let hasBias: Bool
        public let norm: QueryKeyNorm
        /// Queries, keys and values are clipped to ± this; `nil` for no clipping.
        public let clip: Float?
    }

    /// The norm of queries and keys before rotation.
    public enum QueryKeyNorm: Sendable, Hashable {
        case none
        /// Each head separately (Qwen3).
        case perHead
        /// All heads as one vector (OLMoE).
        case whole
    }

    public struct LatentProjection: Sendable, Hashable {
        /// Width of the queries' latent; `nil` if queries come directly from the hidden state.
        public let queryRank: Int?
        /// Width of the latent of keys and values.
        public let keyValueRank: Int
        /// Width of the rotated part of a key, which all heads share.
        ///
        /// The rest comes from the latent.
        public let rotatedDimension: Int
        /// Whether the two values of a rotated pair are adjacent in the file, instead of half a head apart.
        public let isInterleaved: Bool
    }

    /// The supported values of `architectures`.
    public static var supportedArchitectures: [String] { ModelFamily.all.map(\.architecture) }

    let family: ModelFamily
    public let vocabularySize: Int
    /// Width of the residual stream.
    public let hiddenSize: Int
    public let layers: [Layer]
    public let attention: AttentionShape
    public let projection: Projection
    /// Whether attention's output projection has a bias.
    public let hasOutputBias: Bool
    /// Scores are multiplied by this before the softmax.
    public let attentionScale: Float
    /// Maximum length of a sequence: prompt and completion together.
    public let maximumPositions: Int
    public let rotary: RotaryEmbedding
    public let rmsNormEpsilon: Float
    /// Whether the output head is the embedding table.
    public let tiesEmbeddings: Bool
    /// Tokens that end a completion, from `config.json` and `generation_config.json`.
    public let endTokens: [TokenID]

    /// As in `architectures`, such as `MixtralForCausalLM`.
    public var architecture: String { family.architecture }

    public var layerCount: Int { layers.count }

    /// The experts of the sparse layers, which are all alike; `nil` for a dense model.
    public var experts: Experts? { layers.lazy.compactMap(\.feedForward.experts).first }

    /// Layers that have experts.
    public var sparseLayerCount: Int { layers.count { $0.feedForward.experts != nil } }

    /// Average over the layers of the positions that a token at `position` attends to.
    public func attended(from position: Int) -> Int {
        layers.reduce(0) { $0 + min(position, $1.slidingWindow ?? .max) } / layerCount
    }

    /// Numbers in a position's keys and values, over all layers.
    var cachedPerPosition: Int { layerCount * (attention.keyWidth + attention.valueWidth) }
}

extension ModelConfig.FeedForward {
    /// `nil` for a dense layer.
    public var experts: ModelConfig.Experts? {
        if case .experts(let experts) = self { experts } else { nil }
    }
}
