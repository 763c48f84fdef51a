import CKernels
import EmulatedDot
import Testing

@testable import Numerics

/// Contract: int8 weights meet rows quantised alike, a block's sum is exact, and blocks are one fma chain.
struct Int8LinearTests {
    /// Inputs below, at and beyond blocks of 64, copied blocks of 256 and long ones of 2048, with each tail of a group of
    /// four; outputs likewise around panels of 16.
    static let shapes: [(inputs: Int, outputs: Int)] = [
        (1, 1), (63, 31), (64, 32), (66, 70), (257, 33), (515, 97), (2117, 20),
    ]

    @Test(arguments: KernelSet.supported)
    func `an output is what plain arithmetic makes of the quantised blocks`(set: KernelSet) {
        var random = RandomFloats(seed: 21)
        for (inputs, outputs) in Self.shapes {
            let weights = StoredWeights(.float32, outputs: outputs, inputs: inputs, random: &random)
            let linear = weights.linear(set, type: .int8)
            for rows in [1, 2, 5, 9] {
                let x = random.array(rows * inputs, scale: 3)
                let expected = reference(x, weights)
                #expect(sameBits(linear.apply(x), expected), "\(rows) × \(inputs) → \(outputs)")
            }
        }
    }

    @Test(arguments: KernelSet.supported)
    func `a row has the same bits in every batch, at every position, on every kernel set`(set: KernelSet) {
        var random = RandomFloats(seed: 22)
        for (inputs, outputs) in Self.shapes {
            let weights = StoredWeights(.bfloat16, outputs: outputs, inputs: inputs, random: &random)
            let x = random.array(64 * inputs)
            let best = weights.linear(type: .int8)
            let alone = (0..<64).map { best.apply([Float](x[$0 * inputs..<($0 + 1) * inputs])) }
            let linear = weights.linear(set, type: .int8)
            for rows in 1...64 {
                let order = (0..<rows).map { ($0 + rows) % 64 }
                let batch = order.flatMap { x[$0 * inputs..<($0 + 1) * inputs] }
                #expect(
                    sameBits(linear.apply(batch), order.flatMap { alone[$0] }),
                    "\(rows) × \(inputs) → \(outputs)")
            }
        }
    }

    /// The path of vpdpbusd, whose weights are unsigned, with the instruction emulated.
    @Test(arguments: shapes)
    func `products of four have the same bits`(shape: (inputs: Int, outputs: Int)) {
        var random = RandomFloats(seed: 28)
        let weights = StoredWeights(.float32, outputs: shape.outputs, inputs: shape.inputs, random: &random)
        weights.withMatrix { matrix in
            let memory = WeightMemory(byteCount: jk_panels_bytes(.i8, shape.outputs, shape.inputs))
            _ = jk_pack_rows(.f32, matrix.base, shape.inputs, 0, shape.outputs, .i8, memory.base)
            var panels = jk_panels(
                base: memory.base, outputs: shape.outputs, inputs: shape.inputs, element: .i8)
            for rows in [1, 2, 7, 13, 14, 27, 64, 70] {
                let x = random.array(rows * shape.inputs)
                var y = [Float](repeating: .nan, count: rows * shape.outputs)
                emulated_dot_matmul(
                    &panels, 0, (shape.outputs + 15) / 16, x, shape.inputs, rows, &y, shape.outputs)
                #expect(sameBits(y, weights.linear(type: .int8).apply(x)), "\(rows) rows")
            }
        }
    }

    @Test(arguments: KernelSet.supported)
    func `the largest integers meet without overflow`(set: KernelSet) {
        for sign in [Float(1), -1] {
            let weights = StoredWeights(floats: Array(repeating: sign, count: 200), outputs: 1)
            let y = weights.linear(set, type: .int8).apply(Array(repeating: 1, count: 200))
            #expect(sameBits(y, reference(Array(repeating: 1, count: 200), weights)))
            #expect(abs(y[0] - 200 * sign) < 1e-3)
        }
    }

    @Test(arguments: KernelSet.supported)
    func `a block of zeros, tiny numbers, NaN or infinity changes no other row`(set: KernelSet) {
        var random = RandomFloats(seed: 23)
        let weights = StoredWeights(.float32, outputs: 19, inputs: 130, random: &random)
        let linear = weights.linear(set, type: .int8)
        var x = random.array(5 * 130)
        for k in 0..<64 { x[k] = 0 }
        for k in 130..<194 { x[k] *= 0x1p-130 }
        x[2 * 130 + 70] = .nan
        x[3 * 130 + 129] = -.infinity
        let y = linear.apply(x)
        let expected = reference(x, weights)
        #expect(sameBits([Float](y[..<38]), [Float](expected[..<38])))
        #expect(y[38..<76].allSatisfy { $0.isNaN })
        #expect(sameBits([Float](y[76...]), [Float](expected[76...])))
    }

    @Test(arguments: [1, 7, 40])
    func `cutting the outputs changes no bit`(rows: Int) {
        var random = RandomFloats(seed: 24)
        let linear = StoredWeights(.bfloat16, outputs: 150, inputs: 300, random: &random).linear(type: .int8)
        let x = random.array(rows * 300)
        var y = [Float](repeating: .nan, count: rows * 150)
        for part in (0..<3).reversed() { linear.apply(x, rows: rows, into: &y, part: part, of: 3) }
        #expect(sameBits(y, linear.apply(x)))
    }

    @Test func `OpenBLAS multiplies with what the integers are worth`() {
        var random = RandomFloats(seed: 25)
        let weights = StoredWeights(.float32, outputs: 40, inputs: 200, random: &random)
        let x = random.array(3 * 200)
        let y = weights.linear(mode: .blas, type: .int8).apply(x)
        let worth = weights.quantised.flatMap { blocks in
            blocks.flatMap { block in block.integers.map { Float($0) * block.scale } }
        }
        let expected = StoredWeights(floats: worth, outputs: 40).linear().apply(x)
        #expect(zip(y, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func `negative control: other weights, rows or block sizes have other bits`() {
        var random = RandomFloats(seed: 26)
        let weights = StoredWeights(.float32, outputs: 40, inputs: 256, random: &random)
        var x = random.array(256)
        let y = weights.linear(type: .int8).apply(x)
        #expect(!sameBits(y, weights.linear().apply(x)))
        #expect(!sameBits(y, reference(x, weights, block: 32)))
        // The largest of its block: every other number's integer is another.
        x[100] = 1.5
        #expect(!sameBits(y, weights.linear(type: .int8).apply(x)))
    }

    @Test func `the error is that of eight bits`() {
        var random = RandomFloats(seed: 27)
        let weights = StoredWeights(.float32, outputs: 64, inputs: 1024, random: &random)
        let x = random.array(8 * 1024)
        let pairs = zip(weights.linear(type: .int8).apply(x), weights.linear().apply(x))
        let error = pairs.reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = pairs.reduce(Float(0)) { $0 + $1.1 * $1.1 }
        #expect((error / size).squareRoot() < 0.01)
    }

    /// y of the rows in `x`, in plain Swift.
    private func reference(_ x: [Float], _ weights: StoredWeights, block: Int = 64) -> [Float] {
        let inputs = weights.inputs
        let outputs = (0..<weights.outputs).map {
            quantise(weights.floats[$0 * inputs..<($0 + 1) * inputs], block: block)
        }
        return (0..<x.count / inputs).flatMap { row in
            let blocks = quantise(x[row * inputs..<(row + 1) * inputs], block: block)
            return outputs.map { output in
                var sum: Float = 0
                for (a, b) in zip(blocks, output) {
                    let product = zip(a.integers, b.integers).reduce(0) { $0 + $1.0 * $1.1 }
                    sum.addProduct(Float(product), a.scale * b.scale)
                }
                return sum
            }
        }
    }
}

/// Numbers that share a scale.
private struct QuantisedBlock {
    let integers: [Int]
    let scale: Float
}

private func quantise(_ numbers: ArraySlice<Float>, block: Int) -> [QuantisedBlock] {
    stride(from: numbers.startIndex, to: numbers.endIndex, by: block).map { start in
        let part = numbers[start..<min(start + block, numbers.endIndex)]
        let zeros = part.map { _ in 0 }
        guard part.allSatisfy(\.isFinite) else { return QuantisedBlock(integers: zeros, scale: .nan) }
        let largest = part.map(\.magnitude).max() ?? 0
        guard largest >= 0x1p-100 else { return QuantisedBlock(integers: zeros, scale: 0) }
        let inverse = 127 / largest
        return QuantisedBlock(
            integers: part.map { Int(($0 * inverse).rounded(.toNearestOrEven)) }, scale: largest / 127)
    }
}

extension StoredWeights {
    /// Each output's blocks.
    fileprivate var quantised: [[QuantisedBlock]] {
        (0..<outputs).map { quantise(floats[$0 * inputs..<($0 + 1) * inputs], block: 64) }
    }
}
