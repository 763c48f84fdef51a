import Numerics
import Tokenizers

/// The weights of a forward pass: embedding → layers → norm → head.
struct DecoderWeights: Sendable {
    let embedding: Embedding
    let layers: [DecoderLayer]
    let finalNorm: [Float]
    /// Hidden state to logits, [vocabulary, hidden].
    let head: Linear

    init(_ weights: WeightLoader, config: ModelConfig) throws(CheckpointError) {
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
    }
}

extension ModelConfig {
    /// Throws unless every token of the checkpoint's tokenizer has an embedding.
    func check(_ tokenizer: Tokenizer, of checkpoint: Checkpoint) throws(CheckpointError) {
        guard tokenizer.vocabularySize <= vocabularySize else {
            throw CheckpointError(
                checkpoint.documents.path(of: .tokenizer),
                "has \(tokenizer.vocabularySize) tokens, but config.json says vocab_size \(vocabularySize)")
        }
    }
}
