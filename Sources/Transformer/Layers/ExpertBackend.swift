import Numerics

/// Where a layer's experts compute: in this process, or elsewhere.
///
/// Rows are contiguous by expert, so that a backend can hand on the rows of one expert as one slice.
protocol ExpertBackend: Sendable {
    /// Parameters of one expert, and the bytes they take.
    var parametersPerExpert: Int { get }
    var weightBytesPerExpert: Int { get }
    /// Floats of `Workspace.gateUp` that an expert takes for a row.
    var scratchPerRow: Int { get }

    /// Computes each expert's rows.
    ///
    /// `input` and `output` are [assignments, hidden], laid out as `dispatch` says. The pass lends workers and scratch.
    /// A row's bits must not depend on the other rows.
    func run(
        _ dispatch: ExpertDispatch, input: borrowing Matrix, output: borrowing Matrix, in pass: ForwardPass)
}
