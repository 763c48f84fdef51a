import ExpertRouting
import Numerics
import Transformer

/// Writes the tensors of a mixture to a file, with the matrices of one layer in memory at a time.
struct MixtureWriter {
    let source: any WeightSource
    /// By layer, [experts, hidden].
    let routers: [[Float]]
    /// The deviation of the noise on an expert's weights, as a share of their own deviation.
    let noise: Double
    let seed: UInt64

    /// `report` gets the share of the bytes that are written.
    func write(
        _ tensors: [TensorPlan], to path: String, report: (Double) throws(UpcyclingError) -> Void
    ) throws(UpcyclingError) {
        let writer = try SafetensorsWriter(path: path, tensors: tensors)
        let total = tensors.reduce(0) { $0 + $1.byteCount }
        var written = 0
        // The experts of a layer are copies of the same matrices.
        var held: [String: WeightMatrix] = [:]
        for tensor in tensors {
            if case .expert = tensor.content {
            } else {
                source.release(Array(held.values))
                held = [:]
            }
            try write(tensor, to: writer, &held)
            written += tensor.byteCount
            try report(Double(written) / Double(total))
        }
        source.release(Array(held.values))
        try writer.finish()
    }

    private func write(
        _ tensor: TensorPlan, to writer: borrowing SafetensorsWriter, _ held: inout [String: WeightMatrix]
    ) throws(UpcyclingError) {
        switch tensor.content {
        case .matrix(let name):
            let matrix = try matrix(name, tensor.shape)
            defer { source.release([matrix]) }
            try writer.write(matrix.bytes)
        case .vector(let name):
            try write(try vector(name, tensor.shape[0]), to: writer)
        case .router(let layer):
            try write(routers[layer], to: writer)
        case .zeros:
            try write([Float](repeating: 0, count: tensor.shape.reduce(1, *)), to: writer)
        case .expert(let name, let scale):
            let matrix: WeightMatrix
            if let known = held[name] {
                matrix = known
            } else {
                matrix = try self.matrix(name, tensor.shape)
                held[name] = matrix
            }
            guard scale != 1 || noise > 0 else { return try writer.write(matrix.bytes) }
            let noise = WeightNoise(of: matrix, share: noise, seed: seed, tensor: tensor.name)
            var row = [Float](repeating: 0, count: matrix.inputs)
            var bytes = [UInt8](repeating: 0, count: matrix.inputs * matrix.element.size)
            for output in 0..<matrix.outputs {
                matrix.widenRow(output, into: &row)
                noise.add(to: &row, first: output * matrix.inputs)
                for column in row.indices { row[column] *= scale }
                bytes.withUnsafeMutableBytes { matrix.element.round(row, into: $0) }
                try writer.write(bytes.span.bytes)
            }
        }
    }

    private func matrix(_ name: String, _ shape: [Int]) throws(UpcyclingError) -> WeightMatrix {
        do throws(CheckpointError) {
            return try source.matrix(name, outputs: shape[0], inputs: shape[1])
        } catch {
            throw UpcyclingError(error)
        }
    }

    private func vector(_ name: String, _ count: Int) throws(UpcyclingError) -> [Float] {
        do throws(CheckpointError) {
            return try source.vector(name, count: count)
        } catch {
            throw UpcyclingError(error)
        }
    }

    private func write(_ floats: [Float], to writer: borrowing SafetensorsWriter) throws(UpcyclingError) {
        try writer.write(floats.span.bytes)
    }
}

extension WeightMatrix {
    /// Valid until the matrix is released.
    fileprivate var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: outputs * inputs * element.size)
    }
}

/// Noise that sets the copies of a matrix apart.
///
/// A number is the sum of twelve uniform ones, less 6 (Irwin and Hall): it has deviation 1 and needs no logarithm.
private struct WeightNoise {
    private let deviation: Double
    private let seed: UInt64

    init(of matrix: WeightMatrix, share: Double, seed: UInt64, tensor: String) {
        self.seed = seed ^ ContentHash.fnv1a(tensor)
        guard share > 0 else {
            deviation = 0
            return
        }
        var (sum, squares) = (0.0, 0.0)
        var row = [Float](repeating: 0, count: matrix.inputs)
        for output in 0..<matrix.outputs {
            matrix.widenRow(output, into: &row)
            for value in row {
                sum += Double(value)
                squares += Double(value) * Double(value)
            }
        }
        let count = Double(matrix.outputs * matrix.inputs)
        deviation = share * max(0, squares / count - (sum / count) * (sum / count)).squareRoot()
    }

    /// Adds the numbers with indices from `first` on.
    func add(to row: inout [Float], first: Int) {
        guard deviation > 0 else { return }
        for column in row.indices {
            var sum = -6.0
            for part in 0..<3 {
                let bits = SplitMix64.bits(seed: seed, count: 3 * (first + column) + part)
                for shift in [0, 16, 32, 48] as [UInt64] {
                    sum += (Double(bits >> shift & 0xFFFF) + 0.5) / 65_536
                }
            }
            row[column] = Float(Double(row[column]) + deviation * sum)
        }
    }
}
