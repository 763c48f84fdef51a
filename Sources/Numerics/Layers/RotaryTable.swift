import CKernels

/// Cosines and sines of the rotary angles.
///
/// As Hugging Face computes them in float32: angle = position · frequency[i], each operation rounded to float32. No
/// mathematics library is called.
public final class RotaryTable: Sendable {
    /// Maximum number of positions in a table.
    public static let mostPositions = 1 << 17

    /// Number of rotated dimensions.
    public let dimension: Int
    /// Number of positions in the table, from 0.
    public let positions: Int
    /// Rows of cosines, then rows of sines; each row has dimension / 2 elements.
    private let memory: WeightMemory

    /// At most `mostPositions` positions.
    public init(_ embedding: RotaryEmbedding, positions: Int) {
        precondition(
            positions > 0 && positions <= Self.mostPositions,
            "rotary tables hold 1 ... \(Self.mostPositions) positions, not \(positions)")
        dimension = embedding.dimension
        self.positions = positions
        memory = WeightMemory(byteCount: positions * dimension * MemoryLayout<Float>.stride)
        jk_rotary_table(
            embedding.frequencies, dimension / 2, embedding.amplitude, positions, memory.floats,
            memory.floats + positions * dimension / 2)
    }

    /// The cosines of `position`, [dimension / 2].
    ///
    /// Valid as long as the table.
    public func cosines(at position: Int) -> UnsafePointer<Float> {
        precondition(position >= 0 && position < positions, "position \(position) of \(positions)")
        return UnsafePointer(memory.floats + position * dimension / 2)
    }

    /// The sines of `position`, [dimension / 2].
    ///
    /// Valid as long as the table.
    public func sines(at position: Int) -> UnsafePointer<Float> {
        cosines(at: position) + positions * dimension / 2
    }
}
