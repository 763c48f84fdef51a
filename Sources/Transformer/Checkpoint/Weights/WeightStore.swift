/// The files of a checkpoint's weights: safetensors or GGUF.
protocol WeightStore: WeightSource {
    var files: [MappedFile] { get }

    /// What the files contain.
    var tensors: [StoredTensor] { get }

    /// The tensors, by the files' own names, that the weight of this Hugging Face name comes from.
    func storedNames(of name: String) -> [String]

    /// Throws unless there is a weight of exactly this shape.
    func check(_ name: String, shape: [Int]) throws(CheckpointError)
}

extension WeightStore {
    /// Number of weights in all tensors.
    var parameterCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }
}

/// A tensor as a file has it.
struct StoredTensor: Sendable {
    /// The file's own name for it.
    let name: String
    /// The file's own name for its type, such as `BF16`.
    let type: String
    let shape: [Int]
    let file: MappedFile
    /// Byte offsets in the file.
    let bytes: Range<Int>

    var elementCount: Int { shape.reduce(1, *) }
}
