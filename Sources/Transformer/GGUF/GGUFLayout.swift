import GGUF

/// How the converter arranged the weights of an architecture.
struct GGUFLayout: Sendable {
    /// Whether the rows of queries and keys are reordered.
    let rotatesPairs: Bool
    let heads: Int
    let keyValueHeads: Int

    init(_ metadata: GGUFMetadata) throws(CheckpointError) {
        do throws(GGUFError) {
            let architecture = try metadata.string("general.architecture") ?? ""
            rotatesPairs = architecture == "llama"
            heads = try metadata.integer("\(architecture).attention.head_count") ?? 1
            keyValueHeads = try metadata.integer("\(architecture).attention.head_count_kv") ?? heads
        } catch {
            throw CheckpointError(error)
        }
    }
}
