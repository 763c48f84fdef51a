import GGUF
import Numerics
import Threads

/// The weights of a GGUF model by their Hugging Face names.
///
/// A weight that the file has as it is needed stays in the mapped file. Others are made in memory, until they are
/// released: quantised ones are widened, and rows that the converter reordered are put back.
final class GGUFWeights: WeightStore {
    /// A weight made in memory.
    struct Made: @unchecked Sendable {
        // @unchecked: the memory is written before the weight is handed out.
        let source: GGUFSource
        let matrix: WeightMatrix
        let memory: UnsafeMutableRawPointer

        func contains(_ place: UnsafeRawPointer) -> Bool {
            let byteCount = matrix.outputs * matrix.inputs * matrix.element.size
            return matrix.base..<matrix.base + byteCount ~= place
        }
    }

    let parts: GGUFParts
    /// The type that quantised tensors are widened to: `bfloat16` or `float32`.
    let wide: WeightMatrix.Element
    private let layout: GGUFLayout
    private let made = Locked<[Made]>([])

    init(_ parts: GGUFParts, wideningTo wide: WeightMatrix.Element) throws(CheckpointError) {
        self.parts = parts
        self.wide = wide
        layout = try GGUFLayout(parts)
    }

    deinit { made.withLock { $0.forEach { $0.memory.deallocate() } } }

    var files: [MappedFile] { parts.files }

    var format: String { "GGUF version \(parts.version)" }

    var isQuantised: Bool { parts.tensors.values.contains { $0.header.type.isQuantised } }

    var tensors: [StoredTensor] {
        parts.tensors.values.map { tensor in
            StoredTensor(
                name: tensor.header.name, type: tensor.header.type.name, shape: tensor.header.shape,
                file: parts.files[tensor.part], bytes: tensor.header.bytes)
        }
    }

    func storedNames(of name: String) -> [String] { source(of: name)?.names ?? [] }

    /// The factors of Llama 3.1's rotary embedding.
    var configurationTensors: [String] { ["rope_freqs.weight"] }

    func contains(_ name: String) -> Bool { source(of: name) != nil }

    func element(of name: String, shape: [Int]) throws(CheckpointError) -> WeightMatrix.Element {
        try source(of: name, shape: shape).element(wide: wide)
    }

    func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        let source = try source(of: name, shape: [outputs, inputs])
        let element = source.element(wide: wide)
        if let base = source.place(in: parts, rowBytes: inputs * element.size) {
            return WeightMatrix(base: base, element: element, outputs: outputs, inputs: inputs)
        }
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(outputs * inputs * element.size, 1), alignment: 64)
        let matrix = WeightMatrix(
            base: UnsafeRawPointer(memory), element: element, outputs: outputs, inputs: inputs)
        source.write(from: parts, outputs: outputs, inputs: inputs, as: element, into: memory)
        made.withLock { $0.append(Made(source: source, matrix: matrix, memory: memory)) }
        return matrix
    }

    func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] {
        let source = try source(of: name, shape: [count])
        let vector = source.vector(from: parts, count: count)
        if let index = vector.firstIndex(where: { !$0.isFinite }) {
            throw problem(in: source, at: "[\(index)]", "NaN or infinity", "")
        }
        return vector
    }

    func release(_ matrices: [WeightMatrix]) {
        for matrix in matrices {
            if let file = parts.files.first(where: { $0.contains(matrix.base) }) {
                file.release(matrix.base, count: matrix.outputs * matrix.inputs * matrix.element.size)
                continue
            }
            made.withLock { made in
                guard let index = made.firstIndex(where: { $0.contains(matrix.base) }) else { return }
                made.remove(at: index).memory.deallocate()
            }
        }
    }

    func problem(
        at place: UnsafeRawPointer, columns: Int, holds what: String, because: String
    ) -> CheckpointError {
        if let made = made.withLock({ $0.first { $0.contains(place) } }) {
            let index = (place - made.matrix.base) / made.matrix.element.size
            return problem(in: made.source, at: "[\(index / columns), \(index % columns)]", what, because)
        }
        guard let part = parts.files.firstIndex(where: { $0.contains(place) }),
            let tensor = parts.tensors.values.first(where: {
                $0.part == part && $0.header.bytes.contains(place - parts.files[part].start)
            })
        else { return CheckpointError(parts.path, "holds \(what)\(because)") }
        let offset = place - parts.files[part].start - tensor.header.bytes.lowerBound
        let index = offset / tensor.header.type.bytesPerBlock
        return problem(
            in: .rows(tensor), at: "[\(index / columns), \(index % columns)]", what,
            because)
    }

    private func problem(
        in source: GGUFSource, at place: String, _ what: String, _ because: String
    ) -> CheckpointError {
        let names = source.names.joined(separator: "` and `")
        return CheckpointError(
            parts.files[source.part].path, "tensor `\(names)` holds \(what) at \(place)\(because)")
    }

    /// Where a weight comes from; `nil` if the file has none of this name.
    private func source(of name: String) -> GGUFSource? {
        guard let origin = GGUFNames.origin(of: name, rotatesPairs: layout.rotatesPairs) else { return nil }
        let tensor = parts.tensors[origin.name]
        switch origin.part {
        case .whole: return tensor.map { .rows($0) }
        case .rotated(let isQuery):
            let heads = isQuery ? layout.heads : layout.keyValueHeads
            // The first extent is the number of rows, of a bias too.
            return tensor.map { tensor in
                .rows(tensor, order: GGUFRowOrder(rows: tensor.header.shape.first ?? 0, heads: heads))
            }
        case .expert(let expert):
            if let tensor, tensor.header.shape.count == 3, expert < tensor.header.shape[0] {
                return .rows(tensor, expert: expert)
            }
            let own = parts.tensors[GGUFNames.unstacked(origin.name, expert: expert)]
            return own.map { .rows($0) }
        case .latentKeysValues:
            if let tensor { return .rows(tensor) }
            guard let keys = parts.tensors[origin.name.replacing("kv_b", with: "k_b")],
                let values = parts.tensors[origin.name.replacing("kv_b", with: "v_b")]
            else { return nil }
            return .keysValues(keys, values)
        }
    }

    /// - Throws: `CheckpointError` unless there is a weight of exactly this shape.
    private func source(of name: String, shape: [Int]) throws(CheckpointError) -> GGUFSource {
        let origin = GGUFNames.origin(of: name, rotatesPairs: layout.rotatesPairs)
        guard let origin, let source = source(of: name) else {
            throw .missing(tensor: origin?.name ?? name, among: parts.tensors.keys, of: parts.path)
        }
        let fault = { (problem: String) in
            CheckpointError(
                self.parts.files[source.part].path,
                "tensor `\(source.names.joined(separator: "` and `"))` \(problem)")
        }
        // The gate of the shared experts is a vector here, and a matrix of one row there.
        guard source.shape == shape || [1] + source.shape == shape else {
            throw fault("has shape \(source.shape), but the metadata implies \(shape)")
        }
        if case .rotated = origin.part, case .rows(_, _, nil) = source {
            throw fault("has \(shape[0]) rows, which are not pairs for each of the heads")
        }
        return source
    }
}
