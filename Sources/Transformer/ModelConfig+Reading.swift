extension ModelConfig {
    /// Reads a `config.json`, and `generation_config.json` if it lies beside it.
    ///
    /// - Throws: `CheckpointError` that names the field, and for a feature that the decoder lacks, its value.
    public init(contentsOf path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path).decodeJSON(ModelConfigFile.self)
        let check = FieldCheck(path: path)
        let architecture = try Architecture(file.architectures, check)
        try check.supported(file)

        self.architecture = architecture.rawValue
        vocabularySize = try check.size(file.vocabSize, "vocab_size")
        hiddenSize = try check.size(file.hiddenSize, "hidden_size")
        intermediateSize = try check.size(file.intermediateSize, "intermediate_size")
        layerCount = try check.size(file.numHiddenLayers, "num_hidden_layers")
        maximumPositions = try check.size(file.maxPositionEmbeddings, "max_position_embeddings")
        (headCount, keyValueHeadCount, headDimension) = try check.heads(file)
        experts = architecture == .mixtral ? try check.experts(file) : nil
        slidingWindow =
            architecture == .llama
            ? nil
            : try file.slidingWindow.map { (width) throws(CheckpointError) in
                try check.size(width, "sliding_window")
            }
        ropeTheta = try check.positive(
            file.ropeParameters?.ropeTheta ?? file.ropeTheta ?? architecture.defaultRopeTheta, "rope_theta")
        rmsNormEpsilon = Float(try check.positive(file.rmsNormEps, "rms_norm_eps"))
        tiesEmbeddings = file.tieWordEmbeddings ?? false
        endTokens = try Self.endTokens(file, beside: check)
    }

    /// The end tokens of both files in order, each once.
    private static func endTokens(
        _ config: ModelConfigFile, beside check: FieldCheck
    ) throws(CheckpointError) -> [TokenID] {
        var ids = try check.tokens(config.eosTokenId, vocabularySize: config.vocabSize)
        let folder = check.path.lastIndex(of: "/").map { check.path[...$0] } ?? ""
        let path = String(folder) + "generation_config.json"
        if MappedFile.exists(path) {
            let generation = try MappedFile(path: path).decodeJSON(GenerationConfigFile.self)
            let more = try FieldCheck(path: path).tokens(
                generation.eosTokenId, vocabularySize: config.vocabSize)
            ids += more.filter { !ids.contains($0) }
        }
        return ids
    }
}

private enum Architecture: String, CaseIterable {
    case mixtral = "MixtralForCausalLM"
    case llama = "LlamaForCausalLM"
    case mistral = "MistralForCausalLM"

    init(_ names: [String], _ check: FieldCheck) throws(CheckpointError) {
        guard names.count == 1, let architecture = Architecture(rawValue: names[0]) else {
            let supported = Self.allCases.map(\.rawValue).joined(separator: ", ")
            throw check.fault("architectures", "is \(names); supported are \(supported)")
        }
        self = architecture
    }

    /// What `transformers` takes where a file is silent.
    var defaultRopeTheta: Double {
        switch self {
        case .mixtral: 1_000_000
        case .llama, .mistral: 10_000
        }
    }
}

/// Range checks whose errors name the field of `path`.
private struct FieldCheck {
    /// No real model is near it; sums and products of sizes below it cannot overflow.
    static let maximumSize = 1 << 22

    let path: String

    func fault(_ field: String, _ problem: String) -> CheckpointError {
        CheckpointError(path, "`\(field)` \(problem)")
    }

    func size(_ value: Int, _ field: String) throws(CheckpointError) -> Int {
        guard 1...Self.maximumSize ~= value else {
            throw fault(field, "is \(value); it must lie in 1 ... \(Self.maximumSize)")
        }
        return value
    }

    func positive(_ value: Double, _ field: String) throws(CheckpointError) -> Double {
        guard value > 0, Float(value).isFinite, Float(value) > 0 else {
            throw fault(field, "is \(value); it must be positive and fit a 32-bit float")
        }
        return value
    }

    func heads(
        _ file: ModelConfigFile
    ) throws(CheckpointError) -> (count: Int, keyValueCount: Int, dimension: Int) {
        let count = try size(file.numAttentionHeads, "num_attention_heads")
        let keyValueCount = try size(file.numKeyValueHeads ?? count, "num_key_value_heads")
        guard count % keyValueCount == 0 else {
            throw fault(
                "num_attention_heads", "is \(count), not a multiple of num_key_value_heads \(keyValueCount)")
        }
        if file.headDim == nil, file.hiddenSize % count != 0 {
            throw fault(
                "hidden_size", "is \(file.hiddenSize), not a multiple of num_attention_heads \(count)")
        }
        let dimension = try size(file.headDim ?? file.hiddenSize / count, "head_dim")
        guard dimension % 2 == 0 else {
            throw fault("head_dim", "is \(dimension); rotary embeddings need an even one")
        }
        return (count, keyValueCount, dimension)
    }

    func experts(_ file: ModelConfigFile) throws(CheckpointError) -> ModelConfig.Experts {
        guard let count = file.numLocalExperts else { throw fault("num_local_experts", "is missing") }
        guard let perToken = file.numExpertsPerTok else { throw fault("num_experts_per_tok", "is missing") }
        _ = try size(count, "num_local_experts")
        guard 1...count ~= perToken else {
            throw fault(
                "num_experts_per_tok", "is \(perToken); it must lie in 1 ... num_local_experts \(count)")
        }
        return ModelConfig.Experts(count: count, perToken: perToken)
    }

    func tokens(
        _ tokens: ModelConfigFile.EndTokens?, vocabularySize: Int
    ) throws(CheckpointError) -> [TokenID] {
        let ids = tokens?.ids ?? []
        if let stranger = ids.first(where: { !(0..<vocabularySize ~= Int($0)) }) {
            throw fault("eos_token_id", "names token \(stranger), but vocab_size is \(vocabularySize)")
        }
        return ids
    }

    /// Refuses what would change the computation in a way that the decoder does not follow.
    func supported(_ file: ModelConfigFile) throws(CheckpointError) {
        if let activation = file.hiddenAct, activation != "silu" {
            throw fault("hidden_act", "is \(activation); only silu is supported")
        }
        if file.attentionBias == true { throw fault("attention_bias", "is true; biases are not supported") }
        if file.mlpBias == true { throw fault("mlp_bias", "is true; biases are not supported") }
        if file.quantizationConfig != nil {
            throw fault("quantization_config", "is set; only F32, BF16 and F16 weights are supported")
        }
        for (field, rope) in [("rope_scaling", file.ropeScaling), ("rope_parameters", file.ropeParameters)] {
            let type =
                rope?.ropeType ?? rope?.type
                ?? (field == "rope_scaling" && rope != nil ? "unnamed" : "default")
            guard type == "default" else {
                throw fault(field, "asks for \(type) scaling; only unscaled rotary embeddings are supported")
            }
            if let factor = rope?.partialRotaryFactor, factor != 1 {
                throw fault(field, "asks for partial_rotary_factor \(factor); only 1 is supported")
            }
        }
    }
}
