/// Random numbers that depend on a seed and a count alone (Steele, Lea and Flood, OOPSLA 2014).
public struct SplitMix64: Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    /// The next number in [0, 1), of 53 bits.
    public mutating func uniform() -> Double {
        state &+= Self.increment
        return Double(Self.mix(state) >> 11) / Double(1 << 53)
    }

    /// The `count`-th 64 bits of the sequence that begins with `seed`, counted from 0.
    static func bits(seed: UInt64, count: Int) -> UInt64 {
        mix(seed &+ (UInt64(count) &+ 1) &* increment)
    }

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
