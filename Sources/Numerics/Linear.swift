/// y = x Wᵀ under a `NumericsMode`.
public final class Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    private let weights: Weights
    private let kernels: KernelSet

    private enum Weights {
        case packed(PackedWeights)
        case dense(DenseWeights)
    }

    /// Copies one matrix, or several of equal `inputs` stacked by output (`gate` over `up`), into `arena` if there is one.
    public init(
        _ matrices: [WeightMatrix], mode: NumericsMode, kernels: Kernels, arena: WeightArena? = nil
    ) {
        precondition(!matrices.isEmpty, "a linear layer needs at least one matrix")
        precondition(
            Set(matrices.map(\.inputs)).count == 1,
            "matrices stacked by output need equal inputs, not \(matrices.map(\.inputs))")
        inputs = matrices[0].inputs
        outputs = matrices.reduce(0) { $0 + $1.outputs }
        self.kernels = kernels.set
        weights =
            switch mode {
            case .invariant: .packed(PackedWeights(stacking: matrices, in: arena))
            case .blas: .dense(DenseWeights(stacking: matrices, in: arena))
            }
    }

    /// x: [rows, inputs], y: [rows, outputs], both row-major and dense.
    public func apply(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
        switch weights {
        case .packed(let weights):
            weights.multiply(x, rows: rows, into: y, panels: 0..<weights.panelCount, kernels: kernels)
        case .dense(let weights):
            weights.multiply(x, rows: rows, into: y)
        }
    }
}
