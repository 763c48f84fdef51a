/// The fields of a Hugging Face `config.json` that decide what the decoder computes.
struct ModelConfigFile: Decodable {
    struct Rope: Decodable {
        let ropeType: String?
        /// The older spelling of `rope_type`.
        let type: String?
        let ropeTheta: Double?
        let partialRotaryFactor: Double?

        enum CodingKeys: String, CodingKey {
            case type
            case ropeType = "rope_type"
            case ropeTheta = "rope_theta"
            case partialRotaryFactor = "partial_rotary_factor"
        }
    }

    /// A token id, several, or null.
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

    /// A field whose presence is all that matters.
    struct Present: Decodable {}

    let architectures: [String]
    let vocabSize: Int
    let hiddenSize: Int
    let intermediateSize: Int
    let numHiddenLayers: Int
    let numAttentionHeads: Int
    let numKeyValueHeads: Int?
    let headDim: Int?
    let hiddenAct: String?
    let maxPositionEmbeddings: Int
    let rmsNormEps: Double
    let ropeTheta: Double?
    let ropeScaling: Rope?
    let ropeParameters: Rope?
    let slidingWindow: Int?
    let numLocalExperts: Int?
    let numExpertsPerTok: Int?
    let tieWordEmbeddings: Bool?
    let attentionBias: Bool?
    let mlpBias: Bool?
    let eosTokenId: EndTokens?
    let quantizationConfig: Present?

    enum CodingKeys: String, CodingKey {
        case architectures
        case vocabSize = "vocab_size"
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case numHiddenLayers = "num_hidden_layers"
        case numAttentionHeads = "num_attention_heads"
        case numKeyValueHeads = "num_key_value_heads"
        case headDim = "head_dim"
        case hiddenAct = "hidden_act"
        case maxPositionEmbeddings = "max_position_embeddings"
        case rmsNormEps = "rms_norm_eps"
        case ropeTheta = "rope_theta"
        case ropeScaling = "rope_scaling"
        case ropeParameters = "rope_parameters"
        case slidingWindow = "sliding_window"
        case numLocalExperts = "num_local_experts"
        case numExpertsPerTok = "num_experts_per_tok"
        case tieWordEmbeddings = "tie_word_embeddings"
        case attentionBias = "attention_bias"
        case mlpBias = "mlp_bias"
        case eosTokenId = "eos_token_id"
        case quantizationConfig = "quantization_config"
    }
}

/// The one field of `generation_config.json` that a checkpoint cannot be served without.
struct GenerationConfigFile: Decodable {
    let eosTokenId: ModelConfigFile.EndTokens?

    enum CodingKeys: String, CodingKey {
        case eosTokenId = "eos_token_id"
    }
}
