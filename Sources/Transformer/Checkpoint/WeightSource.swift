import Numerics

/// The source of a decoder's weights while it is built.
protocol WeightSource: Sendable {
    /// A two-dimensional weight as stored; valid as long as this object.
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

extension Checkpoint: WeightSource {
    func table(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix {
        let table = try matrix(name, outputs: outputs, inputs: inputs)
        defer { release([table]) }
        var row = [Float](repeating: 0, count: inputs)
        for output in 0..<outputs {
            table.widenRow(output, into: &row)
            guard let input = row.firstIndex(where: { !$0.isFinite }) else { continue }
            throw problem(
                at: table.base + (output * inputs + input) * table.element.size, columns: inputs,
                holds: "NaN or infinity", because: "")
        }
        return table
    }
}
