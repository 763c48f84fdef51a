public import Numerics

/// A checkpoint ready to run: immutable, shared by every engine that serves it.
public final class Model: Sendable {
    public let config: ModelConfig
    public let tokenizer: Tokenizer
    public let numerics: NumericsMode
    /// Maps, checks and packs a Hugging Face folder.
    public init(folder: String, numerics: NumericsMode = .invariant, kernels: Kernels = Kernels()) throws(CheckpointError) { fatalError("stub") }
}
