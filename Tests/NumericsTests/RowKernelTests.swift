import CKernels
import Glibc
import Testing

@testable import Numerics

struct RowKernelTests {
    static let widths = [1, 2, 15, 16, 17, 31, 48, 100, 257]

    /// The results of every row kernel over every width, for comparison bit by bit.
    private func results(of set: KernelSet) -> [Float] {
        let kernels = Kernels(set)
        var random = RandomFloats(seed: 1)
        var results: [Float] = []
        for width in Self.widths {
            let x = random.array(6 * width, scale: 8)
            let weight = random.array(width)
            var out = [Float](repeating: 0, count: 3 * width)
            kernels.rmsNorm(x, weight: weight, into: &out, rows: 3, width: width, epsilon: 1e-6)
            results += out
            let gated = random.array(3 * ((width + 15) / 16 * 32), scale: 8)
            kernels.siluMultiply(gated, into: &out, rows: 3, width: width)
            results += out
            kernels.softmax(&out, count: width)
            results += out
            results.append(kernels.logSumExp(x, count: width))
            kernels.add(x, to: &out, count: width)
            kernels.addScaled(weight, by: 0.3, to: &out, count: width)
            results += out
            if width % 2 == 0 {
                kernels.rotate(&out, cosines: weight, sines: x, heads: 3, headDimension: width)
                results += out
            }
        }
        return results
    }

    @Test(arguments: KernelSet.supported)
    func `every kernel set gives the same bits`(set: KernelSet) {
        #expect(sameBits(results(of: set), results(of: .portable)))
    }

    @Test(arguments: widths)
    func `a normalised row has unit mean square times its weight`(width: Int) {
        var random = RandomFloats(seed: 2)
        let x = random.array(2 * width, scale: 3)
        let weight = random.array(width)
        var out = [Float](repeating: .nan, count: 2 * width)
        Kernels().rmsNorm(x, weight: weight, into: &out, rows: 2, width: width, epsilon: 1e-5)
        for r in 0..<2 {
            let row = x[r * width..<(r + 1) * width].map(Double.init)
            let scale = 1 / (row.reduce(0) { $0 + $1 * $1 } / Double(width) + 1e-5).squareRoot()
            for i in 0..<width {
                let exact = row[i] * scale * Double(weight[i])
                #expect((Double(out[r * width + i]) - exact).magnitude <= 1e-6 * exact.magnitude)
            }
        }
    }

    @Test func `a row's norm is the same alone and among others`() {
        var random = RandomFloats(seed: 3)
        let x = random.array(5 * 50), weight = random.array(50)
        var together = [Float](repeating: 0, count: 5 * 50)
        Kernels().rmsNorm(x, weight: weight, into: &together, rows: 5, width: 50, epsilon: 1e-6)
        for r in 0..<5 {
            var alone = [Float](repeating: 0, count: 50)
            let row = [Float](x[r * 50..<(r + 1) * 50])
            Kernels().rmsNorm(row, weight: weight, into: &alone, rows: 1, width: 50, epsilon: 1e-6)
            #expect(sameBits(alone, [Float](together[r * 50..<(r + 1) * 50])))
        }
    }

    @Test func `silu times up matches double precision, at its limits too`() {
        let gate: [Float] = [-200, -90, -20, -1, -0.0, 0.5, 3, 100, 3e38],
            up: [Float] = [1, 2, 3, 4, 5, 6, 7, 8, 1]
        var out = [Float](repeating: .nan, count: gate.count)
        let filler = [Float](repeating: 0, count: 16 - gate.count)
        Kernels().siluMultiply(gate + filler + up + filler, into: &out, rows: 1, width: gate.count)
        for i in gate.indices {
            let g = Double(gate[i])
            let exact = g / (1 + exp(-g)) * Double(up[i])
            #expect((Double(out[i]) - exact).magnitude <= 3e-7 * exact.magnitude + 1e-36, "\(gate[i])")
        }
    }

    @Test(arguments: widths)
    func `a softmax sums to one and matches double precision`(width: Int) {
        var random = RandomFloats(seed: 4)
        let x = random.array(width, scale: 20)
        var out = x
        Kernels().softmax(&out, count: width)
        let exact = x.map { exp(Double($0)) }
        let sum = exact.reduce(0, +)
        #expect((out.map(Double.init).reduce(0, +) - 1).magnitude < 1e-6)
        for (value, e) in zip(out, exact) { #expect((Double(value) - e / sum).magnitude <= 5e-6 * (e / sum)) }
        #expect((Double(Kernels().logSumExp(x, count: width)) - log(sum)).magnitude <= 2e-6)
    }

    @Test func `masked and huge logits stay finite`() {
        var x: [Float] = [-.infinity, 300, -.infinity, 300]
        #expect(Kernels().logSumExp(x, count: 4) == 300 + log(Float(2)))
        Kernels().softmax(&x, count: 4)
        #expect(x == [0, 0.5, 0, 0.5])
        #expect(Kernels().logSumExp([-.infinity, -.infinity], count: 2) == -.infinity)
    }

    @Test func `rotating turns each half-split pair by its angle`() {
        let cosines: [Float] = [1, 0, 0.6], sines: [Float] = [0, 1, 0.8]
        var x: [Float] = [1, 2, 3, 4, 5, 6, 1, 1, 1, 2, 2, 2]
        Kernels().rotate(&x, cosines: cosines, sines: sines, heads: 2, headDimension: 6)
        let expected: [Float] = [
            1, -5, 3 * 0.6 - 6 * 0.8, 4, 2, 6 * 0.6 + 3 * 0.8, 1, -2, 0.6 - 2 * 0.8, 2, 1, 2 * 0.6 + 0.8,
        ]
        #expect(x == expected)
    }

    @Test func `adding with a scale rounds once`() {
        let x: [Float] = [1 + 0x1p-12], scale = x[0]
        var y: [Float] = [-1]
        Kernels().addScaled(x, by: scale, to: &y, count: 1)
        #expect(y == [0x1p-11 + 0x1p-24])
        Kernels().add([1], to: &y, count: 1)
        #expect(y == [1 + 0x1p-11])
    }

    @Test(arguments: KernelSet.supported)
    func `the largest element is found, the first of equal ones, and never a NaN`(set: KernelSet) {
        let kernels = Kernels(set)
        #expect(kernels.indexOfLargest([.nan, 2, 7, .nan, 7, -1], count: 6) == 2)
        #expect(kernels.indexOfLargest([.nan, -.infinity, .nan], count: 3) == 0)
        var random = RandomFloats(seed: 5)
        for width in Self.widths {
            var x = random.array(width)
            x[width / 3] = 2
            x[width - 1] = 2
            #expect(kernels.indexOfLargest(x, count: width) == width / 3)
        }
    }
}
