import Numerics
import Threads

/// A gated feed-forward network (SwiGLU, arXiv 2002.05202): down(silu(gate(x)) · up(x)).
struct FeedForwardNetwork: Sendable {
    /// [intermediate, hidden], twice.
    let gateUp: GatedLinear
    /// [hidden, intermediate].
    let down: Linear

    init(
        _ weights: WeightLoader, gate: String, up: String, down: String, hiddenSize: Int,
        intermediateSize: Int
    ) throws(CheckpointError) {
        gateUp = try weights.gatedLinear(
            gate: gate, up: up, outputs: intermediateSize, inputs: hiddenSize)
        self.down = try weights.linear(down, outputs: hiddenSize, inputs: intermediateSize)
    }

    /// Reads the rows of `workspace.normed` and writes those of `workspace.expertOutput`.
    func apply(in pass: ForwardPass) {
        let workspace = pass.workspace
        let parts = gateUp.partCount(rows: pass.rows, for: pass.workers)
        pass.workers.run(parts: parts) { part in
            gateUp.apply(
                workspace.normed.base, rows: pass.rows, into: workspace.activated.base,
                scratch: workspace.gateUp.base, part: part, of: parts)
        }
        down.apply(
            workspace.activated.base, rows: pass.rows, into: workspace.expertOutput.base,
            workers: pass.workers)
    }

    var parameterCount: Int { 3 * down.outputs * down.inputs }

    var weightBytes: Int { gateUp.weightBytes + down.weightBytes }
}
