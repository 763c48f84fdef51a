import Numerics
import Testing

/// The second suspect: OpenBLAS rounds by the batch's shape.
struct BLASTests {
    @Test(arguments: [1, 5, 33])
    func `blas is close to invariant`(rows: Int) {
        var random = RandomFloats(seed: 1)
        let weights = StoredWeights(.bfloat16, outputs: 96, inputs: 256, random: &random)
        let x = random.array(rows * 256)
        let invariant = weights.linear().apply(x)
        let blas = weights.linear(mode: .blas).apply(x)
        let scale = (invariant.reduce(0) { $0 + $1 * $1 } / Float(invariant.count)).squareRoot()
        let worst = zip(invariant, blas).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst <= 1e-5 * scale)
    }

    @Test func `blas-bf16 rounds what goes in and what comes out`() {
        var random = RandomFloats(seed: 3)
        let weights = StoredWeights(.float32, outputs: 40, inputs: 100, random: &random)
        let x = random.array(3 * 100)
        let y = weights.linear(mode: .blasBF16).apply(x)
        #expect(y.allSatisfy { $0.bitPattern & 0xffff == 0 })
        let exact = weights.linear().apply(x)
        #expect(zip(y, exact).allSatisfy { abs($0 - $1) < 0.05 } && y != exact)
    }

    /// The negative control: the invariance tests above this one would see a kernel that depends on the batch.
    @Test(arguments: [NumericsMode.blas, .blasBF16])
    func `blas gives one row different bits in different batches`(mode: NumericsMode) {
        var random = RandomFloats(seed: 2)
        let shapes = [(256, 256), (512, 256), (512, 512), (1024, 256)]
        let differs = shapes.contains { inputs, outputs in
            let linear = StoredWeights(.float32, outputs: outputs, inputs: inputs, random: &random)
                .linear(mode: mode)
            // Rounding to bf16 hides most differences, but not from so many rows.
            return (0..<50).contains { _ in
                let x = random.array(8 * inputs)
                let alone = linear.apply([Float](x[..<inputs]))
                return (2...8).contains { rows in
                    let batch = linear.apply([Float](x[..<(rows * inputs)]))
                    return !sameBits([Float](batch[..<outputs]), alone)
                }
            }
        }
        #expect(differs)
    }
}
