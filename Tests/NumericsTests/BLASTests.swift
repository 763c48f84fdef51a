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

    /// The negative control: the invariance tests above this one would see a kernel that depends on the batch.
    @Test func `blas gives one row different bits in different batches`() {
        var random = RandomFloats(seed: 2)
        let shapes = [(256, 256), (512, 256), (512, 512), (1024, 256)]
        let differs = shapes.contains { inputs, outputs in
            let linear = StoredWeights(.float32, outputs: outputs, inputs: inputs, random: &random)
                .linear(mode: .blas)
            let x = random.array(8 * inputs)
            let alone = linear.apply([Float](x[..<inputs]))
            return (2...8).contains { rows in
                let batch = linear.apply([Float](x[..<(rows * inputs)]))
                return !sameBits([Float](batch[..<outputs]), alone)
            }
        }
        #expect(differs)
    }
}
