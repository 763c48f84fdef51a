public import Numerics
public import Threads
public import Tokenizers

/// A checkpoint ready to run: immutable, shared by every engine that serves it.
public final class Model: Sendable {
    public let config: ModelConfig
    public let tokenizer: Tokenizer
    public let numerics: NumericsMode
    /// What weights were packed as.
    public let weightType: WeightType
    public let kernels: Kernels
    /// Changes with every bit of a weight, with the checkpoint's configuration and tokenizer, and with what weights
    /// were rounded to.
    public let fingerprint: String

    /// Numbers in the checkpoint.
    public let parameterCount: Int

    let embedding: Embedding
    let layers: [DecoderLayer]
    let finalNorm: [Float]
    /// Hidden state to logits, [vocabulary, hidden].
    let head: Linear
    let rotary: RotaryTable

    /// Opens the checkpoint at a path, and loads it.
    ///
    /// - Throws: `CheckpointError` that names the file and what is wrong with it.
    public convenience init(
        checkpoint path: String, numerics: NumericsMode = .invariant, weightType: WeightType = .auto,
        kernels: Kernels = Kernels(), workers: WorkerPool? = nil
    ) throws(CheckpointError) {
        try self.init(
            Checkpoint(at: path), numerics: numerics, weightType: weightType, kernels: kernels,
            workers: workers)
    }

    /// Maps, checks and packs a checkpoint; `workers` share out the packing.
    ///
    /// Projections, experts and head become `weightType`; the embedding table, the norms and the routers stay as they are.
    ///
    /// - Throws: `CheckpointError` that names the file and what is wrong with it.
    public init(
        _ checkpoint: Checkpoint, numerics: NumericsMode = .invariant, weightType: WeightType = .auto,
        kernels: Kernels = Kernels(), workers: WorkerPool? = nil
    ) throws(CheckpointError) {
        let tokenizer = try checkpoint.tokenizer()
        let config = try checkpoint.config()
        let store = try checkpoint.store(wideningTo: weightType.widened)
        let weights = WeightLoader(
            file: store, mode: numerics, type: weightType, kernels: kernels, workers: workers)
        try config.check(tokenizer, of: checkpoint)
        self.config = config
        self.tokenizer = tokenizer
        self.numerics = numerics
        self.weightType = weightType
        fingerprint = try Self.fingerprint(checkpoint, store, weightType, workers: workers)
        parameterCount = store.parameterCount
        self.kernels = kernels
        let decoder = try DecoderWeights(weights, config: config)
        embedding = decoder.embedding
        layers = decoder.layers
        finalNorm = decoder.finalNorm
        head = decoder.head
        rotary = RotaryTable(config.rotary, positions: config.maximumPositions)
    }
}

extension Model {
    private static func fingerprint(
        _ checkpoint: Checkpoint, _ store: any WeightStore, _ type: WeightType, workers: WorkerPool?
    ) throws(CheckpointError) -> String {
        var hash = ContentHash()
        hash.combine(store.contentHash(workers: workers))
        for name in [DocumentName.config, .tokenizer] {
            let document = try checkpoint.documents.required(name)
            withExtendedLifetime(document) { hash.combine(document.bytes) }
        }
        return String(hash.value, radix: 16) + (type == .auto ? "" : "-\(type.rawValue)")
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
