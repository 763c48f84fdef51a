/// A permutation that is a pure function of three numbers, for the `random` slot priority.
struct SeededShuffle {
    private let key: UInt64

    /// `moment` is the step of a shared group and the first position of an isolated one.
    init(seed: UInt64, layer: Int, moment: Int) {
        let layered = SplitMix64.bits(seed: seed, count: 0) ^ UInt64(bitPattern: Int64(layer))
        let placed = SplitMix64.bits(seed: layered, count: 0) ^ UInt64(bitPattern: Int64(moment))
        key = SplitMix64.bits(seed: placed, count: 0)
    }

    /// Permutes by Fisher and Yates's method, from the back.
    ///
    /// A number below n is the high word of a 64-bit number times n. Its bias, below n/2⁶⁴, is never seen.
    func permute(_ items: inout [Int]) {
        var last = items.count - 1
        while last > 0 {
            let bits = SplitMix64.bits(seed: key, count: last - 1)
            items.swapAt(last, Int(bits.multipliedFullWidth(by: UInt64(last + 1)).high))
            last -= 1
        }
    }
}
