import Numerics

/// Computes a layer's experts, in this process or elsewhere.
///
/// The rows of each expert are contiguous, so a backend can send them as one slice.
protocol ExpertBackend: Sendable {
    /// Parameters of one expert, and the bytes they take.
    var parametersPerExpert: Int { get }
    var weightBytesPerExpert: Int { get }
    /// Floats of `Workspace.gateUp` per row of an expert.
    var scratchPerRow: Int { get }

    /// Computes each expert's rows.
    ///
    /// `input` and `output` are [assignments, hidden]; `dispatch` gives each expert's rows. The pass provides workers and
    /// scratch memory. A row's bits must not depend on the other rows.
    func run(
        _ dispatch: ExpertDispatch, input: borrowing Matrix, output: borrowing Matrix, in pass: ForwardPass)
}
