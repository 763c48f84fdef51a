/// A permutation that is a pure function of three numbers, for the `random` slot priority.
struct SeededShuffle {
    private let key: UInt64

    /// `moment`: the step number for a shared group, the first position for an isolated one.
    init(seed: UInt64, layer: Int, moment: Int) {
        let layered = SplitMix64.bits(seed: seed, count: 0) ^ UInt64(bitPattern: Int64(layer))
        let placed = SplitMix64.bits(seed: layered, count: 0) ^ UInt64(bitPattern: Int64(moment))
        key = SplitMix64.bits(seed: placed, count: 0)
    }

    /// Fisher–Yates shuffle, from the back.
    ///
    /// A random index below n is the high word of a 64-bit number times n. Its bias, below n/2⁶⁴, is negligible.
    func permute(_ items: inout [Int]) {
        var last = items.count - 1
        while last > 0 {
            let bits = SplitMix64.bits(seed: key, count: last - 1)
            items.swapAt(last, Int(bits.multipliedFullWidth(by: UInt64(last + 1)).high))
            last -= 1
        }
    }
}
