import CKernels
import EmulatedDot
import Testing

@testable import Numerics

/// Contract: `fast` rounds activations to bf16, and a row still does not depend on the batch.
struct FastLinearTests {
    private func rounded(_ x: [Float]) -> [Float] {
        var out = x
        jk_round_bf16(KernelSet.best.isa, x, &out, x.count)
        return out
    }

    @Test(arguments: KernelSet.supported)
    func `rounding to bf16 is to nearest, ties to even`(set: KernelSet) {
        let x: [Float] = [
            1, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-20, -3.3, 3.4e38, -.infinity, .nan,
            0x1p-140,
        ]
        var out = [Float](repeating: 0, count: x.count)
        jk_round_bf16(set.isa, x, &out, x.count)
        #expect(out[..<4] == [1, 1, 1 + 0x1p-6, 1 + 0x1p-7])
        #expect(out[4..<7] == [-3.296875, .infinity, -.infinity])
        #expect(out[7].isNaN && out[8] == 0)
    }

    /// The path of vdpbf16ps with the instruction emulated as two fused multiply-adds in ascending order: the bits must
    /// be those of the invariant kernels on rounded activations.
    @Test(arguments: LinearTests.shapes + [(2051, 40), (700, 130)])
    func `pairs of inputs meet the pairs of weights they belong to`(shape: (inputs: Int, outputs: Int)) {
        var random = RandomFloats(seed: 6)
        let weights = StoredWeights(
            .bfloat16, outputs: shape.outputs, inputs: shape.inputs, random: &random)
        let linear = weights.linear()
        weights.withMatrix { matrix in
            let memory = WeightMemory(byteCount: jk_panels_bytes(.bf16, shape.outputs, shape.inputs))
            _ = jk_pack_rows(.bf16, matrix.base, shape.inputs, 0, shape.outputs, .bf16, memory.base)
            var panels = jk_panels(
                base: memory.base, outputs: shape.outputs, inputs: shape.inputs, element: .bf16)
            for rows in [1, 2, 5, 8, 9, 13, 14, 27, 64, 70] {
                let x = random.array(rows * shape.inputs)
                var y = [Float](repeating: .nan, count: rows * shape.outputs)
                emulated_dot_matmul(
                    &panels, 0, (shape.outputs + 15) / 16, x, shape.inputs, rows, &y, shape.outputs)
                #expect(sameBits(y, linear.apply(rounded(x))), "\(rows) rows")
            }
        }
    }

    @Test func `on this machine a row has the same bits in every batch`() {
        var random = RandomFloats(seed: 7)
        for (inputs, outputs) in LinearTests.shapes {
            let linear = StoredWeights(.bfloat16, outputs: outputs, inputs: inputs, random: &random)
                .linear(mode: .fast)
            let x = random.array(64 * inputs)
            let alone = (0..<64).flatMap { linear.apply([Float](x[$0 * inputs..<($0 + 1) * inputs])) }
            for rows in 1...64 {
                #expect(
                    sameBits(
                        linear.apply([Float](x[..<(rows * inputs)])), [Float](alone[..<(rows * outputs)])))
            }
        }
    }

    @Test func `on this machine it is invariant arithmetic, or arithmetic on rounded activations`() {
        var random = RandomFloats(seed: 8)
        let weights = StoredWeights(.bfloat16, outputs: 48, inputs: 256, random: &random)
        let x = random.array(5 * 256)
        let fast = weights.linear(mode: .fast).apply(x)
        if jk_isa_supported(.avx512bf16) {
            let expected = weights.linear().apply(rounded(x))
            #expect(zip(fast, expected).allSatisfy { abs($0 - $1) < 1e-5 })
        } else {
            #expect(sameBits(fast, weights.linear().apply(x)))
        }
    }
}
