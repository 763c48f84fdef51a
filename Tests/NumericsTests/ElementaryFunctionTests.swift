import CKernels
import Glibc
import Testing

@testable import Numerics

struct ElementaryFunctionTests {
    typealias Kernel = (jk_isa, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

    private func apply(_ kernel: Kernel, _ set: KernelSet, to x: [Float]) -> [Float] {
        var out = x
        kernel(set.isa, x, &out, x.count)
        return out
    }

    /// A dense sample: every float between `range`'s bounds whose bits are `stride` apart.
    private func sample(_ range: ClosedRange<Float>, by stride: Int) -> [Float] {
        Swift.stride(from: range.lowerBound.bitPattern, through: range.upperBound.bitPattern, by: stride)
            .map(Float.init(bitPattern:))
    }

    @Test func `exp is within 0.9 ulp`() {
        let magnitudes = sample(0x1p-30...104, by: 12007)
        let x = magnitudes + magnitudes.map { -$0 }
        let worst = zip(x, apply(jk_exp, .best, to: x)).map { ulps($1, from: exp(Double($0))) }.max()
        #expect((worst ?? .infinity) < 0.9)
    }

    @Test func `log is within 0.9 ulp`() {
        let x = sample(0x1p-149...Float.greatestFiniteMagnitude, by: 40009) + sample(0.5...2, by: 211)
        let worst = zip(x, apply(jk_log, .best, to: x)).map { ulps($1, from: log(Double($0))) }.max()
        #expect((worst ?? .infinity) < 0.9)
    }

    @Test(arguments: KernelSet.supported)
    func `every kernel set gives the same bits`(set: KernelSet) {
        var random = RandomFloats(seed: 1)
        let x = random.array(4001, scale: 120)
        #expect(sameBits(apply(jk_exp, set, to: x), apply(jk_exp, .portable, to: x)))
        let positive = x.map { Float(bitPattern: $0.bitPattern & 0x7fff_ffff) }
        #expect(sameBits(apply(jk_log, set, to: positive), apply(jk_log, .portable, to: positive)))
    }

    @Test(arguments: KernelSet.supported)
    func `the limits are those of the functions`(set: KernelSet) {
        let powers = apply(jk_exp, set, to: [0, -0.0, 89, -104, .infinity, -.infinity, .nan])
        #expect(powers[..<6] == [1, 1, .infinity, 0, .infinity, 0])
        #expect(powers[6].isNaN)
        let logarithms = apply(jk_log, set, to: [1, 0, .infinity, -1, .nan])
        #expect(logarithms[..<3] == [0, -.infinity, .infinity])
        #expect(logarithms[3].isNaN && logarithms[4].isNaN)
    }

    @Test func `the double precision functions agree with the library to a few ulp`() {
        for i in 1..<20000 {
            let angle = Double(Float(i) * 52.3)
            #expect((jk_sin_f64(angle) - sin(angle)).magnitude <= 4 * sin(angle).ulp)
            #expect((jk_cos_f64(-angle) - cos(angle)).magnitude <= 4 * cos(angle).ulp)
            let x = Double(i) * 0.07 - 699
            #expect((jk_exp_f64(x) - exp(x)).magnitude <= 3 * exp(x).ulp)
            let y = Double(i) * Double(i) * 0.013
            #expect((jk_log_f64(y) - log(y)).magnitude <= 3 * log(y).ulp)
        }
    }
}
