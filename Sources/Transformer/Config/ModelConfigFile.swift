import Tokenizers

/// The fields of a Hugging Face `config.json` that affect the computation.
struct ModelConfigFile: Decodable {
    struct Rope: Decodable {
        let ropeType: String?
        /// The older spelling of `rope_type`.
        let type: String?
        let ropeTheta: Double?
        let partialRotaryFactor: Double?
        let factor: Double?
        let originalMaxPositionEmbeddings: Double?
        let lowFreqFactor: Double?
        let highFreqFactor: Double?
        let attentionFactor: Double?
        let betaFast: Double?
        let betaSlow: Double?
        let mscale: Double?
        let mscaleAllDim: Double?
        let truncate: Bool?

        enum CodingKeys: String, CodingKey {
            case type, factor, mscale, truncate
            case ropeType = "rope_type"
            case ropeTheta = "rope_theta"
            case partialRotaryFactor = "partial_rotary_factor"
            case originalMaxPositionEmbeddings = "original_max_position_embeddings"
            case lowFreqFactor = "low_freq_factor"
            case highFreqFactor = "high_freq_factor"
            case attentionFactor = "attention_factor"
            case betaFast = "beta_fast"
            case betaSlow = "beta_slow"
            case mscaleAllDim = "mscale_all_dim"
        }
    }

    /// A token id, a list of ids, or null.
    enum EndTokens: Decodable {
        case one(TokenID)
        case several([TokenID])

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            do {
                self = .one(try value.decode(TokenID.self))
            } catch DecodingError.typeMismatch {
                self = .several(try value.decode([TokenID].self))
            }
        }

        var ids: [TokenID] {
            switch self {
            case .one(let id): [id]
            case .several(let ids): ids
            }
        }
    }

    /// A field of which only the presence matters.
    struct Present: Decodable {}

    let architectures: [String]
    let vocabSize: Int
    let hiddenSize: Int
    let intermediateSize: Int?
    let numHiddenLayers: Int
    let hiddenAct: String?
    let maxPositionEmbeddings: Int
    let rmsNormEps: Double
    let tieWordEmbeddings: Bool?
    let eosTokenId: EndTokens?
    let quantizationConfig: Present?
    let mlpBias: Bool?
    // Attention.
    let numAttentionHeads: Int
    let numKeyValueHeads: Int?
    let headDim: Int?
    let attentionBias: Bool?
    let qkvBias: Bool?
    let clipQkv: Double?
    let slidingWindow: Int?
    let useSlidingWindow: Bool?
    let maxWindowLayers: Int?
    let layerTypes: [String]?
    // Latent attention.
    let qLoraRank: Int?
    let kvLoraRank: Int?
    let qkNopeHeadDim: Int?
    let qkRopeHeadDim: Int?
    let vHeadDim: Int?
    let ropeInterleave: Bool?
    // Rotary embeddings.
    let ropeTheta: Double?
    let ropeScaling: Rope?
    let ropeParameters: Rope?
    // Experts.
    let numLocalExperts: Int?
    let numExperts: Int?
    let nRoutedExperts: Int?
    let numExpertsPerTok: Int?
    let moeIntermediateSize: Int?
    let normTopkProb: Bool?
    let decoderSparseStep: Int?
    let mlpOnlyLayers: [Int]?
    let sharedExpertIntermediateSize: Int?
    let nSharedExperts: Int?
    let firstKDenseReplace: Int?
    let moeLayerFreq: Int?
    let routedScalingFactor: Double?
    let scoringFunc: String?
    let topkMethod: String?
    let nGroup: Int?
    let topkGroup: Int?

    enum CodingKeys: String, CodingKey {
        case architectures
        case vocabSize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case numHiddenLayers = "num_hidden_layers"
        case hiddenAct = "hidden_act"
        case maxPositionEmbeddings = "max_position_embeddings"
        case rmsNormEps = "rms_norm_eps"
        case tieWordEmbeddings = "tie_word_embeddings"
        case eosTokenId = "eos_token_id"
        case quantizationConfig = "quantization_config"
        case mlpBias = "mlp_bias"
        case numAttentionHeads = "num_attention_heads"
        case numKeyValueHeads = "num_key_value_heads"
        case headDim = "head_dim"
        case attentionBias = "attention_bias"
        case qkvBias = "qkv_bias"
        case clipQkv = "clip_qkv"
        case slidingWindow = "sliding_window"
        case useSlidingWindow = "use_sliding_window"
        case maxWindowLayers = "max_window_layers"
        case layerTypes = "layer_types"
        case qLoraRank = "q_lora_rank"
        case kvLoraRank = "kv_lora_rank"
        case qkNopeHeadDim = "qk_nope_head_dim"
        case qkRopeHeadDim = "qk_rope_head_dim"
        case vHeadDim = "v_head_dim"
        case ropeInterleave = "rope_interleave"
        case ropeTheta = "rope_theta"
        case ropeScaling = "rope_scaling"
        case ropeParameters = "rope_parameters"
        case numLocalExperts = "num_local_experts"
        case numExperts = "num_experts"
        case nRoutedExperts = "n_routed_experts"
        case numExpertsPerTok = "num_experts_per_tok"
        case moeIntermediateSize = "moe_intermediate_size"
        case normTopkProb = "norm_topk_prob"
        case decoderSparseStep = "decoder_sparse_step"
        case mlpOnlyLayers = "mlp_only_layers"
        case sharedExpertIntermediateSize = "shared_expert_intermediate_size"
        case nSharedExperts = "n_shared_experts"
        case firstKDenseReplace = "first_k_dense_replace"
        case moeLayerFreq = "moe_layer_freq"
        case routedScalingFactor = "routed_scaling_factor"
        case scoringFunc = "scoring_func"
        case topkMethod = "topk_method"
        case nGroup = "n_group"
        case topkGroup = "topk_group"
    }
}

/// The only field of `generation_config.json` that serving needs.
struct GenerationConfigFile: Decodable {
    let eosTokenId: ModelConfigFile.EndTokens?

    enum CodingKeys: String, CodingKey {
        case eosTokenId = "eos_token_id"
    }
}
