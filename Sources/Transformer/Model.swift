public import Numerics

/// A checkpoint ready to run: immutable, shared by every engine that serves it.
public final class Model: Sendable {
    public let config: ModelConfig
    public let tokenizer: Tokenizer
    public let numerics: NumericsMode
    public let kernels: Kernels
    /// Changes with the weights: a hash of the checkpoint's configuration and tensors.
    public let fingerprint: String

    /// Numbers in the checkpoint.
    public let parameterCount: Int

    let embedding: Embedding
    let layers: [DecoderLayer]
    let finalNorm: [Float]
    /// Hidden state to logits, [vocabulary, hidden].
    let head: Linear
    let rotary: RotaryTable

    /// Maps, checks and packs a Hugging Face folder.
    ///
    /// - Throws: `CheckpointError` that names the file and what is wrong with it.
    public init(
        folder: String, numerics: NumericsMode = .invariant, kernels: Kernels = Kernels()
    ) throws(CheckpointError) {
        let tokenizer = try Tokenizer(contentsOf: folder + "/tokenizer.json")
        let config = try ModelConfig(contentsOf: folder + "/config.json")
        let weights = WeightLoader(
            file: try Checkpoint(folder: folder), mode: numerics, kernels: kernels)
        guard tokenizer.vocabularySize <= config.vocabularySize else {
            throw CheckpointError(
                folder + "/tokenizer.json",
                "has \(tokenizer.vocabularySize) tokens, but config.json says vocab_size \(config.vocabularySize)"
            )
        }
        self.config = config
        self.tokenizer = tokenizer
        self.numerics = numerics
        fingerprint = weights.file.fingerprint
        parameterCount = weights.file.parameterCount
        self.kernels = kernels
        let table = "model.embed_tokens.weight"
        embedding = try Embedding(
            weights.file, table, vocabularySize: config.vocabularySize, width: config.hiddenSize)
        var layers: [DecoderLayer] = []
        for (index, layer) in config.layers.enumerated() {
            layers.append(
                try DecoderLayer(weights, prefix: "model.layers.\(index).", config: config, layer: layer))
        }
        self.layers = layers
        finalNorm = try weights.file.vector("model.norm.weight", count: config.hiddenSize)
        head = try weights.linear(
            config.tiesEmbeddings ? table : "lm_head.weight", outputs: config.vocabularySize,
            inputs: config.hiddenSize)
        rotary = RotaryTable(config.rotary, positions: config.maximumPositions)
    }
}

/// One block of the decoder: attention, then a feed-forward network, each behind its norm.
struct DecoderLayer: Sendable {
    enum FeedForward: Sendable {
        case dense(DenseLayer)
        case experts(MoELayer)
    }

    let attention: Attention
    let feedForward: FeedForward

    /// Floats of scratch that the feed-forward network takes for a row.
    var scratchPerRow: Int {
        switch feedForward {
        case .dense(let dense): dense.scratchPerRow
        case .experts(let experts): experts.scratchPerRow
        }
    }

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, layer: ModelConfig.Layer
    ) throws(CheckpointError) {
        attention = try Attention(
            weights, prefix: prefix, config: config, slidingWindow: layer.slidingWindow)
        switch layer.feedForward {
        case .dense(let width):
            feedForward = .dense(try DenseLayer(weights, prefix: prefix, config: config, width: width))
        case .experts(let experts):
            feedForward = .experts(
                try MoELayer(weights, prefix: prefix, config: config, experts: experts))
        }
    }
}

/// Packs a checkpoint's weights for one kind of arithmetic.
struct WeightLoader {
    let file: Checkpoint
    let mode: NumericsMode
    let kernels: Kernels
    let arena = WeightArena()

    /// The weight `name`, [outputs, inputs].
    func linear(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> Linear {
        try linear(stacking: [(name, outputs)], inputs: inputs)
    }

    /// Rows of weights stacked by output.
    func linear(_ matrices: [WeightMatrix]) -> Linear {
        Linear(matrices, mode: mode, kernels: kernels, arena: arena)
    }

    /// Several weights stacked by output, computed in one pass over the input.
    func linear(stacking parts: [(name: String, outputs: Int)], inputs: Int) throws(CheckpointError) -> Linear
    {
        var matrices: [WeightMatrix] = []
        for part in parts {
            matrices.append(try file.matrix(part.name, outputs: part.outputs, inputs: inputs))
        }
        return linear(matrices)
    }
}
