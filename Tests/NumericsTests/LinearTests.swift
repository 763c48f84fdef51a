import CKernels
import Testing

@testable import Numerics

/// Contract: y[m, n] is one fma chain over ascending k from zero, whatever m's neighbours are.
struct LinearTests {
    static let elements: [WeightMatrix.Element] = [.float32, .bfloat16, .float16]

    /// Inputs odd and even, one and several copied blocks of 256; outputs below, at and beyond whole panels of 16.
    static let shapes: [(inputs: Int, outputs: Int)] = [
        (1, 1), (2, 31), (37, 70), (64, 32), (257, 33), (515, 97),
    ]

    @Test(arguments: KernelSet.supported, elements)
    func `an output is one chain of fused multiply-adds`(set: KernelSet, element: WeightMatrix.Element) {
        var random = RandomFloats(seed: 1)
        for (inputs, outputs) in [(1, 3), (19, 35), (300, 5)] {
            let weights = StoredWeights(element, outputs: outputs, inputs: inputs, random: &random)
            let x = random.array(9 * inputs)
            var chains: [Float] = []
            for m in 0..<9 {
                for n in 0..<outputs {
                    var sum: Float = 0
                    for k in 0..<inputs { sum.addProduct(x[m * inputs + k], weights.floats[n * inputs + k]) }
                    chains.append(sum)
                }
            }
            #expect(sameBits(weights.linear(set).apply(x), chains), "\(inputs) → \(outputs)")
        }
    }

    @Test(arguments: KernelSet.supported, elements)
    func `a row has the same bits in every batch, at every position, on every kernel set`(
        set: KernelSet, element: WeightMatrix.Element
    ) {
        var random = RandomFloats(seed: 2)
        for (inputs, outputs) in Self.shapes {
            let weights = StoredWeights(element, outputs: outputs, inputs: inputs, random: &random)
            let x = random.array(64 * inputs)
            let best = weights.linear(.best)
            let alone = (0..<64).map { best.apply([Float](x[$0 * inputs..<($0 + 1) * inputs])) }
            let linear = weights.linear(set)
            for rows in 1...64 {
                // Row p of the batch is row (p + rows) mod 64 of x, so positions and neighbours change with the size.
                let order = (0..<rows).map { ($0 + rows) % 64 }
                let batch = order.flatMap { x[$0 * inputs..<($0 + 1) * inputs] }
                let expected = order.flatMap { alone[$0] }
                #expect(sameBits(linear.apply(batch), expected), "\(rows) × \(inputs) → \(outputs)")
            }
        }
    }

    @Test(arguments: [65, 130, 200])
    func `a prefill longer than the copied block keeps each row's bits`(rows: Int) {
        var random = RandomFloats(seed: 3)
        let weights = StoredWeights(.bfloat16, outputs: 72, inputs: 300, random: &random)
        let x = random.array(rows * 300)
        let linear = weights.linear()
        let alone = (0..<rows).flatMap { linear.apply([Float](x[$0 * 300..<($0 + 1) * 300])) }
        #expect(sameBits(linear.apply(x), alone))
    }

    @Test(arguments: KernelSet.supported)
    func `every float16 is widened exactly`(set: KernelSet) {
        let all = (0...UInt16.max).map { Float16(bitPattern: $0) }.filter(\.isFinite)
        let linear = all.withUnsafeBytes { buffer in
            buffer.baseAddress.map { base in
                suitable { () throws(UnsuitableWeight) in
                    try Linear(
                        [WeightMatrix(base: base, element: .float16, outputs: all.count, inputs: 1)],
                        mode: .invariant, kernels: Kernels(set))
                }
            }
        }
        #expect(linear?.apply([1]) == all.map { Float($0) })
    }

    @Test(arguments: KernelSet.supported)
    func `splitting the panels changes no bit and touches no other output`(set: KernelSet) {
        var random = RandomFloats(seed: 4)
        for rows in [1, 3, 17] {
            let weights = StoredWeights(.bfloat16, outputs: 150, inputs: 41, random: &random)
            let packed = weights.withMatrix { matrix in
                suitable { () throws(UnsuitableWeight) in
                    try PackedWeights(WeightStack([matrix]), isa: set.isa)
                }
            }
            let x = random.array(rows * 41)
            let last = packed.panelCount
            let untouched = 3 * Int(JK_PANEL_COLUMNS)
            var whole = [Float](repeating: .nan, count: rows * 150)
            packed.multiply(x, rows: rows, into: &whole, panels: 0..<last)
            var parts = [Float](repeating: .nan, count: rows * 150)
            packed.multiply(x, rows: rows, into: &parts, panels: 3..<last)
            #expect((0..<rows).allSatisfy { parts[$0 * 150..<$0 * 150 + untouched].allSatisfy(\.isNaN) })
            packed.multiply(x, rows: rows, into: &parts, panels: 0..<1)
            packed.multiply(x, rows: rows, into: &parts, panels: 1..<3)
            #expect(sameBits(parts, whole))
        }
    }

    @Test(arguments: NumericsMode.allCases)
    func `stacked matrices give each one's outputs side by side`(mode: NumericsMode) {
        var random = RandomFloats(seed: 5)
        // Of different types: widening is exact, so it costs no bit.
        let gate = StoredWeights(.bfloat16, outputs: 45, inputs: 30, random: &random)
        let up = StoredWeights(.float16, outputs: 20, inputs: 30, random: &random)
        let stacked = gate.withMatrix { gate in
            up.withMatrix { up in
                suitable { () throws(UnsuitableWeight) in
                    try Linear([gate, up], mode: mode, kernels: Kernels())
                }
            }
        }
        let x = random.array(30)
        let y = stacked.apply(x)
        #expect(stacked.outputs == 65)
        let expected = gate.linear(mode: .invariant).apply(x) + up.linear(mode: .invariant).apply(x)
        #expect(zip(y, expected).allSatisfy { abs($0 - $1) < (mode == .blasBF16 ? 1e-1 : 1e-5) })
        if mode == .invariant { #expect(sameBits(y, expected)) }
    }
}
