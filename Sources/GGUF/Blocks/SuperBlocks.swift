// Blocks of 256 elements in sub-blocks, whose own scales are quantised. Source: dequantize_row_q4_K, _q5_K and _q6_K in
// ggml-quants.c of ggml.

/// d, dmin, 12 bytes of 8 scales and 8 minimums, 128 bytes: sub-block j is d · scale[j] · q − dmin · minimum[j].
@inline(__always)
func widenQ4_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    widenSubBlocks(block, quants: 16, out) { _ in 0 }
}

/// As Q4_K, with 32 bytes of fifth bits before the quants: bit j of byte i belongs to element i of sub-block j.
@inline(__always)
func widenQ5_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    widenSubBlocks(block, quants: 48, out) { byte(block, 16 + $0) }
}

/// The sub-blocks of Q4_K and Q5_K: the quants begin at byte `quants`, and `fifths` has the fifth bits of element i.
@inline(__always)
private func widenSubBlocks(
    _ block: UnsafeRawPointer, quants: Int, _ out: UnsafeMutablePointer<Float>, fifths: (Int) -> UInt8
) {
    let (scale, minimum) = (half(block, 0), half(block, 2))
    for pair in 0..<4 {
        let (low, high) = (scaleAndMinimum(block + 4, 2 * pair), scaleAndMinimum(block + 4, 2 * pair + 1))
        let (lowScale, lowMinimum) = (scale * low.scale, minimum * low.minimum)
        let (highScale, highMinimum) = (scale * high.scale, minimum * high.minimum)
        let (source, target) = (block + quants + 32 * pair, out + 64 * pair)
        for index in 0..<32 {
            let halves = byte(source, index)
            let fifths = Int32(fifths(index)) >> Int32(2 * pair)
            target[index] = lowScale * Float(Int32(halves & 15) | (fifths & 1) << 4) - lowMinimum
            target[index + 32] = highScale * Float(Int32(halves >> 4) | (fifths & 2) << 3) - highMinimum
        }
    }
}

/// 128 bytes of low halves, 64 of high pairs of bits, 16 signed scales, d: sub-block j of 16 is d · scale[j] · (q − 32).
@inline(__always)
func widenQ6_K(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let scale = half(block, 208)
    for sub in 0..<16 {
        // 128 elements are four quarters: low halves of 64 bytes, then their high halves. Two bits of each of 32 bytes
        // belong to each quarter.
        let (part, quarter, offset) = (sub / 8, sub / 2 % 4, sub % 2 * 16)
        let lows = block + 64 * part + 32 * (quarter % 2) + offset
        let highs = block + 128 + 32 * part + offset
        let (lowShift, highShift) = (UInt8(quarter / 2 * 4), UInt8(2 * quarter))
        let own = scale * Float(Int8(bitPattern: byte(block, 192 + sub)))
        let low = lows.loadUnaligned(as: SIMD16<UInt8>.self) &>> lowShift & 15
        let high = highs.loadUnaligned(as: SIMD16<UInt8>.self) &>> highShift & 3
        let quants = SIMD16<Int8>(truncatingIfNeeded: low | high &<< 4) &- 32
        UnsafeMutableRawPointer(out + 16 * sub).storeBytes(
            of: own * SIMD16<Float>(quants), as: SIMD16<Float>.self)
    }
}

/// The 6-bit scale and minimum of sub-block `index`, of 12 packed bytes.
@inline(__always)
private func scaleAndMinimum(_ packed: UnsafeRawPointer, _ index: Int) -> (scale: Float, minimum: Float) {
    if index < 4 {
        return (Float(Int32(byte(packed, index) & 63)), Float(Int32(byte(packed, index + 4) & 63)))
    }
    let low = byte(packed, index + 4)
    return (
        Float(Int32(low & 15 | byte(packed, index - 4) >> 2 & 0x30)),
        Float(Int32(low >> 4 | byte(packed, index) >> 2 & 0x30))
    )
}
