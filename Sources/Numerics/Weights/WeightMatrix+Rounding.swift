extension WeightMatrix.Element {
    /// Stores floats as this type, rounded to nearest, ties to even.
    ///
    /// A NaN stays one. `memory` needs no alignment.
    public func round(_ floats: [Float], into memory: UnsafeMutableRawBufferPointer) {
        precondition(memory.count == floats.count * size, "\(floats.count) weights do not fill the memory")
        switch self {
        case .float32: floats.withUnsafeBytes { memory.copyMemory(from: $0) }
        case .bfloat16:
            for (index, float) in floats.enumerated() {
                memory.storeBytes(of: float.bfloat16, toByteOffset: 2 * index, as: UInt16.self)
            }
        case .float16:
            for (index, float) in floats.enumerated() {
                memory.storeBytes(of: Float16(float).bitPattern, toByteOffset: 2 * index, as: UInt16.self)
            }
        }
    }
}

extension Float {
    /// The bits of the nearest bfloat16 number.
    fileprivate var bfloat16: UInt16 {
        // Rounding could turn a NaN into infinity.
        guard !isNaN else { return 0x7FC0 }
        return UInt16(truncatingIfNeeded: (bitPattern &+ 0x7FFF &+ (bitPattern >> 16 & 1)) >> 16)
    }
}
