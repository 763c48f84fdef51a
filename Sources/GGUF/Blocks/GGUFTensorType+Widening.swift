extension GGUFTensorType {
    /// Writes `count` elements as floats, bit for bit as `gguf.dequantize` (gguf-py) does.
    ///
    /// `count` must be a multiple of `blockSize`. Each product and each sum is rounded to float32 on its own. `blocks`
    /// needs no alignment.
    public func widen(_ blocks: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>) {
        switch self {
        case .float32:
            UnsafeMutableRawPointer(out).copyMemory(from: blocks, byteCount: 4 * count)
        case .float16:
            for index in 0..<count { out[index] = half(blocks, 2 * index) }
        case .bfloat16:
            for index in 0..<count {
                let bits = blocks.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
                out[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
            }
        case .q4_0: eachBlock(blocks, count, out, widenQ4_0)
        case .q4_1: eachBlock(blocks, count, out, widenQ4_1)
        case .q5_0: eachBlock(blocks, count, out, widenQ5_0)
        case .q5_1: eachBlock(blocks, count, out, widenQ5_1)
        case .q8_0: eachBlock(blocks, count, out, widenQ8_0)
        case .q4_K: eachBlock(blocks, count, out, widenQ4_K)
        case .q5_K: eachBlock(blocks, count, out, widenQ5_K)
        case .q6_K: eachBlock(blocks, count, out, widenQ6_K)
        case .mxfp4: eachBlock(blocks, count, out, widenMXFP4)
        }
    }

    @inline(__always)
    private func eachBlock(
        _ blocks: UnsafeRawPointer, _ count: Int, _ out: UnsafeMutablePointer<Float>,
        _ widen: (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void
    ) {
        let (size, bytes) = (blockSize, bytesPerBlock)
        for block in 0..<count / size { widen(blocks + block * bytes, out + block * size) }
    }
}

@inline(__always)
func byte(_ block: UnsafeRawPointer, _ offset: Int) -> UInt8 {
    block.load(fromByteOffset: offset, as: UInt8.self)
}

/// The half-precision number at a byte offset, widened (exact).
@inline(__always)
func half(_ block: UnsafeRawPointer, _ offset: Int) -> Float {
    let bits = UInt32(UInt16(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    let sign = (bits & 0x8000) << 16
    let magnitude = bits & 0x7FFF
    // Subnormal: the fraction counts 2^-24.
    if magnitude < 0x0400 { return Float(bitPattern: sign | (Float(magnitude) * 0x1p-24).bitPattern) }
    // Infinity and NaN keep their fraction.
    let exponent: UInt32 = magnitude < 0x7C00 ? 112 << 23 : 224 << 23
    return Float(bitPattern: sign | (magnitude << 13) &+ exponent)
}
