public import Numerics

/// Weights by their Hugging Face names, in memory that is valid as long as this object.
public protocol WeightSource: Sendable {
    /// Whether there is a weight of this name.
    func contains(_ name: String) -> Bool

    /// The type that a weight is read as.
    ///
    /// - Throws: `CheckpointError` unless there is a weight of exactly this shape.
    func element(of name: String, shape: [Int]) throws(CheckpointError) -> WeightMatrix.Element

    /// A two-dimensional weight as stored, until it is released.
    func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix

    /// As `matrix`, for weights that are read in place. It also checks that they are finite.
    func table(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix

    /// A one-dimensional weight, widened to Float.
    func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float]

    /// Releases the file pages of matrices. They are read again on the next use.
    func release(_ matrices: [WeightMatrix])

    /// The error that a tensor of `columns` columns holds `what` at the address `place`.
    func problem(
        at place: UnsafeRawPointer, columns: Int, holds what: String, because: String
    ) -> CheckpointError
}
