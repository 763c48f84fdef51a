import GGUF
import Numerics

/// The stored tensors that a weight is made of.
enum GGUFSource: Sendable {
    /// A tensor, or one expert's matrix of [experts, outputs, inputs]; its rows are in another order if `order` says so.
    case rows(GGUFParts.Tensor, expert: Int? = nil, order: GGUFRowOrder? = nil)
    /// Latent attention's keys, [heads, rank, width], and values, [heads, width, rank]; together they are
    /// `kv_b_proj`: for each head the rows of the transposed keys, then those of the values.
    case keysValues(GGUFParts.Tensor, GGUFParts.Tensor)

    var names: [String] {
        switch self {
        case .rows(let tensor, _, _): [tensor.header.name]
        case .keysValues(let keys, let values): [keys.header.name, values.header.name]
        }
    }

    /// The part of the model that has the first tensor.
    var part: Int {
        switch self {
        case .rows(let tensor, _, _): tensor.part
        case .keysValues(let keys, _): keys.part
        }
    }

    /// The shape of the weight.
    var shape: [Int] {
        switch self {
        case .rows(let tensor, nil, _): tensor.header.shape
        case .rows(let tensor, _, _): Array(tensor.header.shape.dropFirst())
        case .keysValues(let keys, let values):
            keys.header.shape.count == 3 && values.header.shape.count == 3
                && keys.header.shape[0] == values.header.shape[0]
                && keys.header.shape[1] == values.header.shape[2]
                ? [
                    keys.header.shape[0] * (keys.header.shape[2] + values.header.shape[1]),
                    keys.header.shape[1],
                ]
                : keys.header.shape
        }
    }

    /// The type that the weight is read as; quantised ones are read as `wide`.
    func element(wide: WeightMatrix.Element) -> WeightMatrix.Element {
        switch self {
        case .rows(let tensor, _, _): tensor.header.type.element ?? wide
        case .keysValues(let keys, let values):
            keys.header.type.isQuantised || values.header.type.isQuantised ? wide : .float32
        }
    }

    /// The address of the weight in the file; `nil` if it must be made.
    func place(in parts: GGUFParts, rowBytes: Int) -> UnsafeRawPointer? {
        guard case .rows(let tensor, let expert, nil) = self, tensor.header.type.element != nil else {
            return nil
        }
        return parts.start(of: tensor) + Self.firstRow(of: expert, in: tensor) * rowBytes
    }

    private static func firstRow(of expert: Int?, in tensor: GGUFParts.Tensor) -> Int {
        expert.map { $0 * tensor.header.shape[1] } ?? 0
    }

    /// A one-dimensional weight, widened.
    func vector(from parts: GGUFParts, count: Int) -> [Float] {
        guard case .rows(let tensor, _, let order) = self else { return [] }
        var vector = [Float](repeating: 0, count: count)
        tensor.header.type.widen(parts.start(of: tensor), count: count, into: &vector)
        return order.map { order in (0..<count).map { vector[order.storedRow($0)] } } ?? vector
    }

    /// Makes the weight; `memory`: [outputs, inputs] of `element`.
    func write(
        from parts: GGUFParts, outputs: Int, inputs: Int, as element: WeightMatrix.Element,
        into memory: UnsafeMutableRawPointer
    ) {
        switch self {
        case .rows(let tensor, let expert, let order):
            let type = tensor.header.type
            let rowBytes = type.byteCount(of: inputs)
            let base = parts.start(of: tensor) + Self.firstRow(of: expert, in: tensor) * rowBytes
            var row = [Float](repeating: 0, count: inputs)
            for output in 0..<outputs {
                let stored = base + (order?.storedRow(output) ?? output) * rowBytes
                let place = memory + output * inputs * element.size
                if type.element != nil {
                    place.copyMemory(from: stored, byteCount: rowBytes)
                } else {
                    type.widen(stored, count: inputs, into: &row)
                    element.round(
                        row, into: UnsafeMutableRawBufferPointer(start: place, count: inputs * element.size))
                }
            }
        case .keysValues(let keys, let values):
            write(keys, values, from: parts, as: element, into: memory)
        }
    }

    private func write(
        _ keys: GGUFParts.Tensor, _ values: GGUFParts.Tensor, from parts: GGUFParts,
        as element: WeightMatrix.Element, into memory: UnsafeMutableRawPointer
    ) {
        let (rank, plain) = (keys.header.shape[1], keys.header.shape[2])
        let width = values.header.shape[1]
        let (keyType, valueType) = (keys.header.type, values.header.type)
        var head = [Float](repeating: 0, count: rank * max(plain, width))
        var place = memory
        func store(_ floats: [Float]) {
            let byteCount = floats.count * element.size
            element.round(floats, into: UnsafeMutableRawBufferPointer(start: place, count: byteCount))
            place += byteCount
        }
        for index in 0..<keys.header.shape[0] {
            let keyBytes = keyType.byteCount(of: rank * plain)
            keyType.widen(parts.start(of: keys) + index * keyBytes, count: rank * plain, into: &head)
            for row in 0..<plain {
                store((0..<rank).map { head[$0 * plain + row] })
            }
            let valueBytes = valueType.byteCount(of: rank * width)
            valueType.widen(parts.start(of: values) + index * valueBytes, count: rank * width, into: &head)
            store(Array(head[..<(rank * width)]))
        }
    }
}

/// The order of a projection's rows in files of Llama's family.
///
/// There a head's rotated pairs are adjacent, while Hugging Face has them half a head apart. Source: `permute` in
/// llama.cpp's converter.
struct GGUFRowOrder: Sendable {
    private let rowsPerHead: Int

    /// Returns `nil` if the rows are not pairs for each head.
    init?(rows: Int, heads: Int) {
        guard heads > 0, rows % heads == 0, rows / heads % 2 == 0 else { return nil }
        rowsPerHead = rows / heads
    }

    /// The row in the file for row `row` of Hugging Face.
    func storedRow(_ row: Int) -> Int {
        let (head, place) = row.quotientAndRemainder(dividingBy: rowsPerHead)
        let (half, pair) = place.quotientAndRemainder(dividingBy: rowsPerHead / 2)
        return head * rowsPerHead + 2 * pair + half
    }
}

extension GGUFTensorType {
    /// `nil` for a quantised type.
    var element: WeightMatrix.Element? {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        default: nil
        }
    }
}

extension GGUFParts {
    /// The address of a tensor's first byte.
    func start(of tensor: Tensor) -> UnsafeRawPointer {
        files[tensor.part].start + tensor.header.bytes.lowerBound
    }
}
