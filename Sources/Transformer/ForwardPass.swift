import Numerics
import Threads

/// A forward pass in progress: what its layers share.
struct ForwardPass {
    let batch: StepBatch
    let model: Model
    let cache: KVCache
    let workspace: Workspace
    let workers: WorkerPool
    let clock: PhaseClock?

    var kernels: Kernels { model.kernels }
    /// Tokens in the step; each is a row of every workspace matrix.
    var rows: Int { batch.tokens.count }

    /// Normalizes the residual stream into `workspace.normed`, row by row.
    func normalise(by weight: [Float]) {
        kernels.rmsNorm(
            workspace.hidden.base, weight: weight, into: workspace.normed.base, rows: rows,
            width: model.config.hiddenSize, epsilon: model.config.rmsNormEpsilon)
    }

    /// Adds a sub-layer's output to the residual stream.
    func add(_ output: borrowing Matrix) {
        kernels.add(output.base, to: workspace.hidden.base, count: rows * model.config.hiddenSize)
    }
}
