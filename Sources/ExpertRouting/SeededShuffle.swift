/// A permutation that is a pure function of three numbers, for the `random` slot priority.
///
/// The i-th number is the i-th output of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", 2014) from a key mixed out of the three: a counter, so there is no state to carry.
/// The standard library's `shuffle` would do, but may draw differently in another release, and a replay must
/// find the same bits.
struct SeededShuffle {
    private let key: UInt64

    init(key: UInt64) { self.key = key }

    /// `moment` is the step of a shared group and the first position of an isolated one.
    init(seed: UInt64, layer: Int, moment: Int) {
        let layered = Self.mix(seed &+ Self.increment) ^ UInt64(bitPattern: Int64(layer))
        let placed = Self.mix(layered &+ Self.increment) ^ UInt64(bitPattern: Int64(moment))
        self.init(key: Self.mix(placed &+ Self.increment))
    }

    /// Permutes by Fisher and Yates's method, from the back.
    ///
    /// A number below n is the high word of a 64-bit number times n; its bias, below n/2⁶⁴, is never seen.
    func permute(_ items: inout [Int]) {
        var last = items.count - 1
        while last > 0 {
            let drawn = number(UInt64(last)).multipliedFullWidth(by: UInt64(last + 1)).high
            items.swapAt(last, Int(drawn))
            last -= 1
        }
    }

    /// The `index`-th output of SplitMix64, from 1.
    func number(_ index: UInt64) -> UInt64 {
        Self.mix(key &+ index &* Self.increment)
    }

    private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mix(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
