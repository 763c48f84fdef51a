import Numerics
import Tokenizers

extension ModelConfig {
    /// Reads `config.json`, and `generation_config.json` if present.
    ///
    /// - Throws: `CheckpointError` with the field, and for an unsupported feature its value.
    init(_ documents: any DocumentSource) throws(CheckpointError) {
        let document = try documents.required(.config)
        let file = try document.decodeJSON(ModelConfigFile.self)
        let check = FieldCheck(path: document.path)
        guard file.architectures.count == 1, let family = ModelFamily.named(file.architectures[0]) else {
            let supported = Self.supportedArchitectures.joined(separator: ", ")
            throw check.fault("architectures", "is \(file.architectures); supported are \(supported)")
        }
        let reader = ConfigReader(file: file, family: family, check: check)
        try reader.checkSupported()

        self.family = family
        vocabularySize = try check.size(file.vocabSize, "vocab_size")
        hiddenSize = try check.size(file.hiddenSize, "hidden_size")
        maximumPositions = min(
            try check.size(file.maxPositionEmbeddings, "max_position_embeddings"), RotaryTable.mostPositions)
        (attention, projection) = try reader.attention()
        hasOutputBias = family.bias == .asConfigured && file.attentionBias == true
        rotary = try reader.rotary(dimension: projection.rotatedDimension ?? attention.keyDimension)
        attentionScale = reader.attentionScale(keyDimension: attention.keyDimension, rotary.scaling)
        layers = try reader.layers()
        rmsNormEpsilon = Float(try check.positive(file.rmsNormEps, "rms_norm_eps"))
        tiesEmbeddings = file.tieWordEmbeddings ?? false
        endTokens = try Self.endTokens(file, check, documents)
    }

    /// The end tokens of both files, in order, without duplicates.
    private static func endTokens(
        _ config: ModelConfigFile, _ check: FieldCheck, _ documents: any DocumentSource
    ) throws(CheckpointError) -> [TokenID] {
        var ids = try check.tokens(config.eosTokenId, vocabularySize: config.vocabSize)
        if let document = try documents.document(.generationConfig) {
            let generation = try document.decodeJSON(GenerationConfigFile.self)
            let more = try FieldCheck(path: document.path).tokens(
                generation.eosTokenId, vocabularySize: config.vocabSize)
            ids += more.filter { !ids.contains($0) }
        }
        return ids
    }
}

extension ModelConfig.Projection {
    /// Number of rotated dimensions of a head; `nil` for all.
    fileprivate var rotatedDimension: Int? {
        guard case .latent(let latent) = self else { return nil }
        return latent.rotatedDimension
    }
}

/// Interprets a file's fields for its model family.
struct ConfigReader {
    let file: ModelConfigFile
    let family: ModelFamily
    let check: FieldCheck

    /// Refuses settings that would change the computation in an unsupported way.
    func checkSupported() throws(CheckpointError) {
        if let activation = file.hiddenAct, activation != "silu" {
            throw check.fault("hidden_act", "is \(activation); only silu is supported")
        }
        if file.attentionBias == true, family.bias != .asConfigured || family.isLatent {
            throw check.fault("attention_bias", "is true; \(family.architecture) has no such biases here")
        }
        if file.mlpBias == true { throw check.fault("mlp_bias", "is true; biases are not supported") }
        if file.quantizationConfig != nil {
            throw check.fault("quantization_config", "is set; only F32, BF16 and F16 weights are supported")
        }
        if let step = file.moeLayerFreq, step != 1 {
            throw check.fault("moe_layer_freq", "is \(step); only 1 is supported")
        }
    }

    func attention() throws(CheckpointError) -> (AttentionShape, ModelConfig.Projection) {
        let heads = try check.size(
            file.numAttentionHeads, "num_attention_heads", atMost: FieldCheck.maximumHeads)
        return family.isLatent ? try latentAttention(heads: heads) : try groupedAttention(heads: heads)
    }

    private func groupedAttention(
        heads: Int
    ) throws(CheckpointError) -> (AttentionShape, ModelConfig.Projection) {
        let keyValueHeads = try check.size(file.numKeyValueHeads ?? heads, "num_key_value_heads")
        guard heads % keyValueHeads == 0 else {
            throw check.fault(
                "num_attention_heads", "is \(heads), not a multiple of num_key_value_heads \(keyValueHeads)")
        }
        let given = file.headDim ?? family.headDimension
        if given == nil, file.hiddenSize % heads != 0 {
            throw check.fault(
                "hidden_size", "is \(file.hiddenSize), not a multiple of num_attention_heads \(heads)")
        }
        let dimension = try evenSize(given ?? file.hiddenSize / heads, "head_dim")
        let hasBias =
            switch family.bias {
            case .never: false
            case .asConfigured: file.attentionBias == true
            case .queriesKeysValues: file.qkvBias != false
            }
        let clip = try file.clipQkv.map { (value) throws(CheckpointError) in
            Float(try check.positive(value, "clip_qkv"))
        }
        return (
            AttentionShape(
                heads: heads, keyValueHeads: keyValueHeads, keyDimension: dimension, valueDimension: dimension
            ),
            .grouped(
                ModelConfig.GroupedProjection(hasBias: hasBias, norm: family.queryKeyNorm, clip: clip))
        )
    }

    private func latentAttention(
        heads: Int
    ) throws(CheckpointError) -> (AttentionShape, ModelConfig.Projection) {
        let rotated = try evenSize(file.qkRopeHeadDim, "qk_rope_head_dim")
        let plain = try check.size(
            file.qkNopeHeadDim, "qk_nope_head_dim", atMost: FieldCheck.maximumHeadDimension)
        let values = try check.size(file.vHeadDim, "v_head_dim", atMost: FieldCheck.maximumHeadDimension)
        let queryRank = try file.qLoraRank.map { (rank) throws(CheckpointError) in
            try check.size(rank, "q_lora_rank")
        }
        return (
            AttentionShape(
                heads: heads, keyValueHeads: heads, keyDimension: rotated + plain, valueDimension: values),
            .latent(
                ModelConfig.LatentProjection(
                    queryRank: queryRank, keyValueRank: try check.size(file.kvLoraRank, "kv_lora_rank"),
                    rotatedDimension: rotated, isInterleaved: file.ropeInterleave ?? true))
        )
    }

    private func evenSize(_ value: Int?, _ field: String) throws(CheckpointError) -> Int {
        let size = try check.size(value, field, atMost: FieldCheck.maximumHeadDimension)
        guard size % 2 == 0 else {
            throw check.fault(field, "is \(size); rotary embeddings need an even one")
        }
        return size
    }

    func layers() throws(CheckpointError) -> [ModelConfig.Layer] {
        let count = try check.size(
            file.numHiddenLayers, "num_hidden_layers", atMost: FieldCheck.maximumLayers)
        let experts = try experts()
        var layers: [ModelConfig.Layer] = []
        for index in 0..<count {
            layers.append(
                ModelConfig.Layer(
                    slidingWindow: try window(ofLayer: index, of: count),
                    feedForward: try feedForward(ofLayer: index, experts)))
        }
        return layers
    }

    private func window(ofLayer index: Int, of count: Int) throws(CheckpointError) -> Int? {
        let isUsed = file.useSlidingWindow == true
        let isWindowed =
            switch family.window {
            case .none: false
            case .everywhere: file.slidingWindow != nil
            case .everywhereIfUsed: isUsed && file.slidingWindow != nil
            case .upperLayers:
                try layerType(index, of: count) ?? (isUsed && index >= file.maxWindowLayers ?? 28)
            case .alternating:
                try layerType(index, of: count)
                    ?? (isUsed && index % 2 == 0 && index < file.maxWindowLayers ?? 28)
            }
        return isWindowed ? try check.size(file.slidingWindow, "sliding_window") : nil
    }

    /// The value of `layer_types`, if present.
    private func layerType(_ index: Int, of count: Int) throws(CheckpointError) -> Bool? {
        guard let types = file.layerTypes else { return nil }
        guard types.count == count else {
            throw check.fault("layer_types", "has \(types.count) entries for \(count) layers")
        }
        switch types[index] {
        case "full_attention": return false
        case "sliding_attention": return true
        default:
            throw check.fault(
                "layer_types", "has \(types[index]); full_attention and sliding_attention are supported")
        }
    }

    private func feedForward(
        ofLayer index: Int, _ experts: ModelConfig.Experts?
    ) throws(CheckpointError) -> ModelConfig.FeedForward {
        if let experts, isSparse(index) { return .experts(experts) }
        return .dense(width: try check.size(file.intermediateSize, "intermediate_size"))
    }
}
