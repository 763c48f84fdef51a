import Numerics

/// Where a decoder's weights come from while it is put together.
protocol WeightSource: Sendable {
    /// A two-dimensional weight, stored as it is; the memory lives as long as this object.
    func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix

    /// As `matrix`, of weights that are read in place, so that nobody else looks whether they are finite numbers.
    func table(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix

    /// A one-dimensional weight, widened to Float.
    func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float]

    /// Gives back the memory of matrices; they are read again when they are wanted.
    func release(_ matrices: [WeightMatrix])

    /// That the tensor with the weight at `place`, of `columns` columns, holds `what` there.
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
