public import ExpertRouting
public import Numerics
public import Tokenizers

/// A checkpoint's `config.json`, typed: what `ModelFamily` says of its family, with the sizes of the file.
///
/// A value that exists is consistent: sizes are positive, heads divide evenly, every end token is in the
/// vocabulary, and nothing in the file asked for what the decoder does not do.
public struct ModelConfig: Sendable, Hashable {
    /// One block of the decoder.
    public struct Layer: Sendable, Hashable {
        /// How many positions back a token attends, itself included; `nil` for all.
        public let slidingWindow: Int?
        public let feedForward: FeedForward
    }

    public enum FeedForward: Sendable, Hashable {
        /// One network of this width.
        case dense(width: Int)
        case experts(Experts)
    }

    /// The sparse part of a layer.
    public struct Experts: Sendable, Hashable {
        /// E, experts per layer.
        public let count: Int
        /// k, experts per token.
        public let perToken: Int
        /// Feed-forward width of each.
        public let width: Int
        public let gating: Gating
        /// Computed for every token, beside its choices; `nil` for none.
        public let shared: SharedExperts?
        /// What the file calls their weights.
        let names: ModelFamily.Experts
    }

    /// Experts that every token meets, as one network.
    public struct SharedExperts: Sendable, Hashable {
        /// Of all of them together.
        public let width: Int
        /// Whether a token's share of them is the sigmoid of a logit of its own (Qwen2-MoE).
        public let isGated: Bool
    }

    /// Where queries, keys and values come from.
    public enum Projection: Sendable, Hashable {
        /// Straight from the hidden state (arXiv 2305.13245).
        case grouped(GroupedProjection)
        /// Through narrow latents (multi-head latent attention, arXiv 2405.04434).
        case latent(LatentProjection)
    }

    public struct GroupedProjection: Sendable, Hashable {
        /// Biases of the queries', keys' and values' projections.
        public let hasBias: Bool
        public let norm: QueryKeyNorm
        /// Queries, keys and values are clipped to ± this; `nil` for not.
        public let clip: Float?
    }

    /// The norm of queries and keys before their rotation.
    public enum QueryKeyNorm: Sendable, Hashable {
        case none
        /// Each head by itself (Qwen3).
        case perHead
        /// All heads as one vector (OLMoE).
        case whole
    }

    public struct LatentProjection: Sendable, Hashable {
        /// Width of the queries' latent; `nil` if they come straight from the hidden state.
        public let queryRank: Int?
        /// Width of the latent of keys and values.
        public let keyValueRank: Int
        /// Width of the part of a key that is rotated, the same for all heads; the rest comes from the latent.
        public let rotatedDimension: Int
        /// Whether the file has the two values of a rotated pair beside each other, not half a head apart.
        public let isInterleaved: Bool
    }

    /// The values of `architectures` that can be read.
    public static var supportedArchitectures: [String] { ModelFamily.all.map(\.architecture) }

    let family: ModelFamily
    public let vocabularySize: Int
    /// Width of the residual stream.
    public let hiddenSize: Int
    public let layers: [Layer]
    public let attention: AttentionShape
    public let projection: Projection
    /// Whether attention's output has a bias.
    public let hasOutputBias: Bool
    /// What scores are multiplied with before the softmax.
    public let attentionScale: Float
    /// The longest sequence, prompt and completion together.
    public let maximumPositions: Int
    public let rotary: RotaryEmbedding
    public let rmsNormEpsilon: Float
    /// Whether the output head is the embedding table.
    public let tiesEmbeddings: Bool
    /// Tokens that end a completion, from `config.json` and the `generation_config.json` beside it.
    public let endTokens: [TokenID]

    /// As in `architectures`: `MixtralForCausalLM`, say.
    public var architecture: String { family.architecture }

    public var layerCount: Int { layers.count }

    /// Those of the sparse layers, all alike; `nil` for a dense model.
    public var experts: Experts? { layers.lazy.compactMap(\.feedForward.experts).first }

    /// Layers that have experts.
    public var sparseLayerCount: Int { layers.count { $0.feedForward.experts != nil } }

    /// Positions that a token attends to with `position` before it, in the mean of the layers.
    public func attended(from position: Int) -> Int {
        layers.reduce(0) { $0 + min(position, $1.slidingWindow ?? .max) } / layerCount
    }

    /// Numbers of a position's keys and values, over all layers.
    var cachedPerPosition: Int { layerCount * (attention.keyWidth + attention.valueWidth) }
}

extension ModelConfig.FeedForward {
    /// `nil` for one dense network.
    public var experts: ModelConfig.Experts? {
        if case .experts(let experts) = self { experts } else { nil }
    }
}
