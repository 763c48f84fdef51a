// Blocks of 32 elements with one scale, and some with a minimum. Element i < 16 is in the low half of byte i, element
// i + 16 in its high half. Source: dequantize_row_q4_0 and its siblings in ggml-quants.c of ggml.

/// d, 16 bytes: d · (q − 8).
@inline(__always)
func widenQ4_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let scale = half(block, 0)
    for index in 0..<16 {
        let pair = byte(block, 2 + index)
        out[index] = scale * Float(Int32(pair & 15) - 8)
        out[index + 16] = scale * Float(Int32(pair >> 4) - 8)
    }
}

/// d, m, 16 bytes: d · q + m.
@inline(__always)
func widenQ4_1(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let (scale, minimum) = (half(block, 0), half(block, 2))
    for index in 0..<16 {
        let pair = byte(block, 4 + index)
        out[index] = scale * Float(Int32(pair & 15)) + minimum
        out[index + 16] = scale * Float(Int32(pair >> 4)) + minimum
    }
}

/// d, 32 fifth bits, 16 bytes: d · (q − 16).
@inline(__always)
func widenQ5_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let scale = half(block, 0)
    let fifths = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
    for index in 0..<16 {
        let pair = byte(block, 6 + index)
        let low = Int32(pair & 15) | Int32(fifths >> UInt32(index) & 1) << 4
        let high = Int32(pair >> 4) | Int32(fifths >> UInt32(index + 16) & 1) << 4
        out[index] = scale * Float(low - 16)
        out[index + 16] = scale * Float(high - 16)
    }
}

/// d, m, 32 fifth bits, 16 bytes: d · q + m.
@inline(__always)
func widenQ5_1(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let (scale, minimum) = (half(block, 0), half(block, 2))
    let fifths = UInt32(littleEndian: block.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    for index in 0..<16 {
        let pair = byte(block, 8 + index)
        let low = Int32(pair & 15) | Int32(fifths >> UInt32(index) & 1) << 4
        let high = Int32(pair >> 4) | Int32(fifths >> UInt32(index + 16) & 1) << 4
        out[index] = scale * Float(low) + minimum
        out[index + 16] = scale * Float(high) + minimum
    }
}

/// d, 32 signed bytes: q · d.
@inline(__always)
func widenQ8_0(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let scale = half(block, 0)
    for index in 0..<32 { out[index] = Float(Int8(bitPattern: byte(block, 2 + index))) * scale }
}

/// A power of two, 16 bytes of 4-bit floats (e2m1): OCP Microscaling Formats, version 1.0.
@inline(__always)
func widenMXFP4(_ block: UnsafeRawPointer, _ out: UnsafeMutablePointer<Float>) {
    let exponent = UInt32(byte(block, 0))
    // Half of 2^(e − 127), because the values below are doubled.
    let scale = Float(bitPattern: exponent < 2 ? 0x0020_0000 << exponent : (exponent - 1) << 23)
    for index in 0..<16 {
        let pair = byte(block, 1 + index)
        out[index] = scale * doubledE2M1(pair & 15)
        out[index + 16] = scale * doubledE2M1(pair >> 4)
    }
}

/// Twice the 4-bit float: 0, 1, 2, 3, 4, 6, 8 or 12, with its sign.
@inline(__always)
private func doubledE2M1(_ bits: UInt8) -> Float {
    let magnitudes: UInt64 = 0x0C08_0604_0302_0100
    let magnitude = Int32(truncatingIfNeeded: magnitudes >> UInt64(8 * (bits & 7)) & 255)
    // ggml's table has integers, so that minus zero is zero.
    return Float(bits < 8 ? magnitude : -magnitude)
}
