public import Numerics

/// A memory-mapped `model.safetensors`.
///
/// The header is checked once, on opening: every tensor lies inside the file, overlaps no other and has
/// the size of its shape. Nothing is read or copied until a tensor is asked for.
public final class Safetensors: Sendable {
    private let file: MappedFile
    private let tensors: [String: SafetensorsHeader.Tensor]

    /// - Throws: `CheckpointError` if the file cannot be opened or is not well formed.
    public init(contentsOf path: String) throws(CheckpointError) {
        file = try MappedFile(path: path)
        tensors = try SafetensorsHeader(of: file).tensors
    }

    public func contains(_ name: String) -> Bool {
        tensors[name] != nil
    }

    /// A two-dimensional weight of exactly this shape; the memory lives as long as this object.
    ///
    /// It points into the file, nothing is copied. Kernels load whole elements, so a tensor that does not
    /// start at a multiple of its element size is refused; writers of the format have aligned them since 2023.
    public func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        let (element, bytes) = try weight(name, shape: [outputs, inputs])
        guard bytes.startIndex % element.byteCount == 0, let base = file.bytes.baseAddress else {
            throw CheckpointError(
                file.path,
                "tensor `\(name)` starts at byte \(bytes.startIndex), not at a multiple of \(element.byteCount): "
                    + "save the file again with a current version of safetensors")
        }
        return WeightMatrix(base: base + bytes.startIndex, element: element, outputs: outputs, inputs: inputs)
    }

    /// A one-dimensional weight, widened to Float.
    public func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] {
        let (element, bytes) = try weight(name, shape: [count])
        let source = UnsafeRawBufferPointer(rebasing: bytes)
        return (0..<count).map { index in
            switch element {
            case .float32:
                Float(
                    bitPattern: UInt32(
                        littleEndian: source.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
            case .bfloat16:
                Float(bitPattern: UInt32(source.littleEndianHalf(index)) << 16)
            case .float16:
                Float(Float16(bitPattern: source.littleEndianHalf(index)))
            }
        }
    }

    private func weight(
        _ name: String, shape: [Int]
    ) throws(CheckpointError) -> (WeightMatrix.Element, Slice<UnsafeRawBufferPointer>) {
        guard let tensor = tensors[name] else {
            throw CheckpointError(file.path, "has no tensor `\(name)`" + suggestion(for: name))
        }
        guard tensor.shape == shape else {
            throw CheckpointError(
                file.path, "tensor `\(name)` has shape \(tensor.shape), but config.json implies \(shape)")
        }
        guard let element = WeightMatrix.Element(rawValue: tensor.dtype) else {
            throw CheckpointError(
                file.path, "tensor `\(name)` has type \(tensor.dtype); weights can be F32, BF16 or F16")
        }
        return (element, file.bytes[tensor.bytes])
    }

    /// The name that shares most with a missing one, at both ends together.
    private func suggestion(for name: String) -> String {
        func likeness(_ other: String) -> Int {
            let start = zip(name.utf8, other.utf8).prefix { $0 == $1 }.count
            let end = zip(name.utf8.reversed(), other.utf8.reversed()).prefix { $0 == $1 }.count
            return start + end
        }
        let nearest = tensors.keys.max { (likeness($0), $1) < (likeness($1), $0) }
        return nearest.map { "; the nearest of its \(tensors.count) names is `\($0)`" } ?? ": it holds none"
    }
}

extension WeightMatrix.Element {
    fileprivate var byteCount: Int {
        switch self {
        case .float32: 4
        case .bfloat16, .float16: 2
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func littleEndianHalf(_ index: Int) -> UInt16 {
        UInt16(littleEndian: loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
    }
}
