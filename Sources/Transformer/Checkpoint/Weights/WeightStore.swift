import Numerics

/// The files of a checkpoint's weights: safetensors or GGUF.
protocol WeightStore: WeightSource {
    var files: [MappedFile] { get }

    /// What the files are, such as `GGUF version 3`.
    var format: String { get }

    /// Whether any tensor is quantised, and so is widened when it is read.
    var isQuantised: Bool { get }

    /// What the files contain.
    var tensors: [StoredTensor] { get }

    /// The tensors, by the files' own names, that the weight of this Hugging Face name comes from.
    func storedNames(of name: String) -> [String]

    /// Tensors that the configuration comes from, by the files' own names.
    var configurationTensors: [String] { get }
}

extension WeightStore {
    var configurationTensors: [String] { [] }

    /// As `matrix`, for weights that are read in place.
    ///
    /// All its numbers are finite.
    public func table(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        let table = try matrix(name, outputs: outputs, inputs: inputs)
        var row = [Float](repeating: 0, count: inputs)
        for output in 0..<outputs {
            table.widenRow(output, into: &row)
            guard let input = row.firstIndex(where: { !$0.isFinite }) else { continue }
            throw problem(
                at: table.base + (output * inputs + input) * table.element.size, columns: inputs,
                holds: "NaN or infinity", because: "")
        }
        return table
    }

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
