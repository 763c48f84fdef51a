import ExpertRouting
import Glibc
import Numerics

/// The same numbers on every run.
struct RandomFloats {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func bits() -> UInt64 { generator.next() }

    /// Uniform in -scale ..< scale.
    mutating func next(scale: Float = 1) -> Float {
        (Float(bits() >> 40) * 0x1p-23 - 1) * scale
    }

    mutating func array(_ count: Int, scale: Float = 1) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
            for i in 0..<count { buffer.initializeElement(at: i, to: next(scale: scale)) }
            initialised = count
        }
    }
}

/// Whether two arrays hold the same bits.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && memcmp(a, b, a.count * MemoryLayout<Float>.stride) == 0
}

extension KernelSet {
    /// The sets this machine can run.
    static var supported: [KernelSet] { allCases.filter(\.isSupported) }
}

/// The distance of `value` from `exact`, in units of float's last place at `exact`.
func ulps(_ value: Float, from exact: Double) -> Double {
    let nearest = Float(exact)
    guard nearest.isFinite, value.isFinite else { return value == nearest ? 0 : .infinity }
    let exponent = Swift.max(exact.magnitude.exponent, -126)
    return (Double(value) - exact).magnitude / scalbn(1, Int32(exponent) - 23)
}
