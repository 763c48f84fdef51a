import Testing
import Threads

@testable import Numerics

/// Contract: the fused first half of a feed-forward network has the bits of its parts.
struct GatedLinearTests {
    /// Inputs and widths with each tail; more rows than are computed together.
    static let shapes: [(inputs: Int, width: Int)] = [(1, 1), (40, 16), (64, 48), (37, 70), (300, 200)]

    private func layers(
        _ shape: (inputs: Int, width: Int), _ element: WeightMatrix.Element, set: KernelSet = .best,
        mode: NumericsMode = .invariant, type: WeightType = .auto
    ) -> (gated: GatedLinear, gate: Linear, up: Linear) {
        var random = RandomFloats(seed: 11)
        let gate = StoredWeights(element, outputs: shape.width, inputs: shape.inputs, random: &random)
        let up = StoredWeights(element, outputs: shape.width, inputs: shape.inputs, random: &random)
        let gated = gate.withMatrix { gate in
            up.withMatrix { up in
                suitable { () throws(UnsuitableWeight) in
                    try GatedLinear(gate: gate, up: up, mode: mode, type: type, kernels: Kernels(set))
                }
            }
        }
        return (gated, gate.linear(set, mode: mode, type: type), up.linear(set, mode: mode, type: type))
    }

    /// silu(gate) · up, from products computed apart.
    private func activation(_ gate: [Float], _ up: [Float], _ set: KernelSet) -> [Float] {
        let count = (gate.count + 15) / 16
        var turns: [Float] = []
        for block in 0..<count {
            for half in [gate, up] {
                let part = half[block * 16..<min(half.count, block * 16 + 16)]
                turns += part + [Float](repeating: 0, count: 16 - part.count)
            }
        }
        var out = [Float](repeating: .nan, count: gate.count)
        Kernels(set).siluMultiply(turns, into: &out, rows: 1, width: gate.count)
        return out
    }

    @Test(arguments: KernelSet.supported, [WeightType.float32, .bfloat16, .float16, .int8])
    func `the bits are those of two products and the activation`(set: KernelSet, type: WeightType) {
        var random = RandomFloats(seed: 12)
        for shape in Self.shapes {
            let (gated, gate, up) = layers(shape, .float32, set: set, type: type)
            for rows in [1, 2, 7, 70] {
                let x = random.array(rows * shape.inputs)
                let expected = (0..<rows).flatMap { row in
                    let one = [Float](x[row * shape.inputs..<(row + 1) * shape.inputs])
                    return activation(gate.apply(one), up.apply(one), set)
                }
                #expect(sameBits(gated.apply(x), expected), "\(rows) × \(shape)")
            }
        }
    }

    @Test(arguments: [2, 3, 8])
    func `cutting the outputs changes no bit`(parts: Int) {
        let (gated, _, _) = layers((300, 200), .bfloat16)
        var random = RandomFloats(seed: 13)
        let x = random.array(9 * 300)
        var out = [Float](repeating: .nan, count: 9 * 200)
        var scratch: [Float] = [0]
        for part in (0..<parts).reversed() {
            gated.apply(x, rows: 9, into: &out, scratch: &scratch, part: part, of: parts)
        }
        #expect(sameBits(out, gated.apply(x)))
    }

    @Test func `OpenBLAS's products give nearly the same`() {
        let x = Array(repeating: Float(0.25), count: 5 * 300)
        let invariant = layers((300, 200), .bfloat16).gated.apply(x)
        let blas = layers((300, 200), .bfloat16, mode: .blas).gated.apply(x)
        #expect(zip(invariant, blas).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($0)) })
    }
}

extension GatedLinear {
    /// The activations of the rows in `x`.
    fileprivate func apply(_ x: [Float]) -> [Float] {
        let rows = x.count / inputs
        var out = [Float](repeating: .nan, count: rows * width)
        var scratch = [Float](repeating: .nan, count: max(1, rows * scratchPerRow))
        apply(x, rows: rows, into: &out, scratch: &scratch)
        return out
    }
}
