import CKernels

/// Cosines and sines of the rotary angles, as Hugging Face computes them in float32 but without a mathematics library:
/// frequency[i] = 1 / θ^(2i / headDimension), angle = position · frequency[i], each operation rounded to float32.
public final class RotaryTable: Sendable {
    public let headDimension: Int
    /// Positions that have a row: 0 ..< positions.
    public let positions: Int
    /// Rows of cosines, then rows of sines, each row headDimension / 2 long.
    private let memory: WeightMemory

    /// `headDimension` must be even and `positions` at most 2^20.
    public init(headDimension: Int, theta: Double, positions: Int) {
        precondition(
            headDimension > 0 && headDimension % 2 == 0,
            "rotary pairs need an even head dimension, not \(headDimension)")
        precondition(
            positions > 0 && positions <= 1 << 20, "rotary tables hold 1 ... 2^20 positions, not \(positions)"
        )
        precondition(theta > 0 && theta.isFinite, "the rotary base must be positive, not \(theta)")
        self.headDimension = headDimension
        self.positions = positions
        memory = WeightMemory(byteCount: positions * headDimension * MemoryLayout<Float>.stride)
        jk_rotary_table(
            theta, headDimension, positions, memory.floats, memory.floats + positions * headDimension / 2)
    }

    /// The cosines of `position`, [headDimension / 2]; valid while the table lives.
    public func cosines(at position: Int) -> UnsafePointer<Float> {
        precondition(position >= 0 && position < positions, "position \(position) of \(positions)")
        return UnsafePointer(memory.floats + position * headDimension / 2)
    }

    /// The sines of `position`, [headDimension / 2]; valid while the table lives.
    public func sines(at position: Int) -> UnsafePointer<Float> {
        cosines(at: position) + positions * headDimension / 2
    }
}
