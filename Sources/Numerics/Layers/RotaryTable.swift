import CKernels

/// Cosines and sines of the rotary angles, as Hugging Face computes them in float32 but without a mathematics library:
/// angle = position · frequency[i], each operation rounded to float32.
public final class RotaryTable: Sendable {
    /// The most positions a table can hold.
    public static let mostPositions = 1 << 17

    /// Width of what is rotated.
    public let dimension: Int
    /// Positions that have a row: 0 ..< positions.
    public let positions: Int
    /// Rows of cosines, then rows of sines, each row dimension / 2 long.
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

    /// The cosines of `position`, [dimension / 2]; valid while the table lives.
    public func cosines(at position: Int) -> UnsafePointer<Float> {
        precondition(position >= 0 && position < positions, "position \(position) of \(positions)")
        return UnsafePointer(memory.floats + position * dimension / 2)
    }

    /// The sines of `position`, [dimension / 2]; valid while the table lives.
    public func sines(at position: Int) -> UnsafePointer<Float> {
        cosines(at: position) + positions * dimension / 2
    }
}
