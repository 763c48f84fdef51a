import GGUF

/// How the converter arranged the weights of an architecture.
struct GGUFLayout: Sendable {
    /// Whether the rows of queries and keys are reordered.
    let rotatesPairs: Bool
    let heads: Int
    let keyValueHeads: Int

    init(_ parts: GGUFParts) throws(CheckpointError) {
        do throws(GGUFError) {
            let model = try GGUFModel(parts)
            rotatesPairs = model.architecture == .llama
            heads = try model.required("attention.head_count")
            keyValueHeads = try model.integer("attention.head_count_kv") ?? heads
        } catch {
            throw CheckpointError(error)
        }
    }
}
