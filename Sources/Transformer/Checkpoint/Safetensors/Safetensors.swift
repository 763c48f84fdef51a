public import Numerics

/// A memory-mapped safetensors file: the only one of a checkpoint, or a shard.
///
/// Opening checks the header: every tensor lies within the file, overlaps no other, and has the size of its shape.
/// Contents are read on first use.
public final class Safetensors: Sendable {
    let file: MappedFile
    private let tensors: [String: SafetensorsHeader.Tensor]

    /// - Throws: `CheckpointError` if the file cannot be opened or is malformed.
    public init(contentsOf path: String) throws(CheckpointError) {
        file = try MappedFile(path: path)
        tensors = try SafetensorsHeader(of: file).tensors
    }

    var path: String { file.path }

    var names: some Sequence<String> { tensors.keys }

    public func contains(_ name: String) -> Bool {
        tensors[name] != nil
    }

    /// Whether an address lies in the mapped file.
    func contains(_ place: UnsafeRawPointer) -> Bool { file.contains(place) }

    /// Releases the file pages of matrices.
    ///
    /// They are read again on the next use.
    func release(_ matrices: [WeightMatrix]) {
        for matrix in matrices {
            file.release(matrix.base, count: matrix.outputs * matrix.inputs * matrix.element.size)
        }
    }

    /// The error that a tensor of `columns` columns holds `what` at the address `place`.
    func problem(
        at place: UnsafeRawPointer, columns: Int, holds what: String, because: String
    ) -> CheckpointError {
        let offset = place - file.start
        guard let (name, tensor) = tensors.first(where: { $0.value.bytes.contains(offset) }) else {
            return CheckpointError(file.path, "holds \(what)\(because)")
        }
        let size = WeightMatrix.Element(rawValue: tensor.dtype)?.size ?? 1
        let index = (offset - tensor.bytes.lowerBound) / size
        let position = "[\(index / columns), \(index % columns)]"
        return CheckpointError(file.path, "tensor `\(name)` holds \(what) at \(position)\(because)")
    }

    /// Each tensor.
    var contents: [StoredTensor] {
        tensors.map { name, tensor in
            StoredTensor(name: name, type: tensor.dtype, shape: tensor.shape, file: file, bytes: tensor.bytes)
        }
    }

    /// A two-dimensional weight of exactly this shape.
    ///
    /// It points into the file and is valid as long as this object. Kernels load whole elements, so a tensor that does
    /// not start at a multiple of its element size is refused. Writers of the format have aligned tensors since 2023.
    public func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        let (element, bytes) = try weight(name, shape: [outputs, inputs])
        return WeightMatrix(
            base: file.start + bytes.startIndex, element: element, outputs: outputs, inputs: inputs)
    }

    /// A one-dimensional weight, widened to Float.
    ///
    /// All its numbers are finite.
    public func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] {
        let (element, bytes) = try weight(name, shape: [count])
        let row = WeightMatrix(
            base: file.start + bytes.startIndex, element: element, outputs: 1, inputs: count)
        let vector = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let first = buffer.baseAddress { row.widenRow(0, into: first) }
            initialized = count
        }
        if let index = vector.firstIndex(where: { !$0.isFinite }) {
            throw CheckpointError(path, "tensor `\(name)` holds NaN or infinity at [\(index)]")
        }
        return vector
    }

    /// The type of a weight, which must have exactly this shape.
    func element(of name: String, shape: [Int]) throws(CheckpointError) -> WeightMatrix.Element {
        try weight(name, shape: shape).element
    }

    private func weight(
        _ name: String, shape: [Int]
    ) throws(CheckpointError) -> (element: WeightMatrix.Element, bytes: Slice<UnsafeRawBufferPointer>) {
        guard let tensor = tensors[name] else {
            throw .missing(tensor: name, among: tensors.keys, of: path)
        }
        guard tensor.shape == shape else {
            throw CheckpointError(
                file.path, "tensor `\(name)` has shape \(tensor.shape), but config.json implies \(shape)")
        }
        guard let element = WeightMatrix.Element(rawValue: tensor.dtype) else {
            throw CheckpointError(
                file.path, "tensor `\(name)` has type \(tensor.dtype); weights can be F32, BF16 or F16")
        }
        guard shape.count == 1 || tensor.bytes.lowerBound % element.size == 0 else {
            throw CheckpointError(
                file.path,
                "tensor `\(name)` starts at byte \(tensor.bytes.lowerBound), not at a multiple of \(element.size): "
                    + "save the file again with a current version of safetensors")
        }
        return (element, file.bytes[tensor.bytes])
    }
}

extension CheckpointError {
    /// The error for a missing tensor.
    ///
    /// It suggests the name with the longest common start and end.
    static func missing(
        tensor name: String, among names: some Collection<String>, of path: String
    ) -> CheckpointError {
        func likeness(_ other: String) -> Int {
            let start = zip(name.utf8, other.utf8).prefix { $0 == $1 }.count
            let end = zip(name.utf8.reversed(), other.utf8.reversed()).prefix { $0 == $1 }.count
            return start + end
        }
        let nearest = names.max { (likeness($0), $1) < (likeness($1), $0) }
        return CheckpointError(
            path,
            "has no tensor `\(name)`"
                + (nearest.map { "; the nearest of its \(names.count) names is `\($0)`" } ?? ": it holds none")
        )
    }
}
