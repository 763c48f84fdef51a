import Numerics
import Threads

/// Experts that compute every token besides its choices, as one network without capacity (DeepSeekMoE, arXiv
/// 2401.06066).
struct SharedExperts: Sendable {
    let network: FeedForwardNetwork
    /// Their output is weighted by the sigmoid of this logit, [1, hidden]; `nil` for weight 1.
    let gate: Linear?

    /// `prefix` ends with their name; the gate's name continues it.
    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, _ shared: ModelConfig.SharedExperts
    ) throws(CheckpointError) {
        network = try FeedForwardNetwork(
            weights, gate: prefix + ".gate_proj.weight", up: prefix + ".up_proj.weight",
            down: prefix + ".down_proj.weight", hiddenSize: config.hiddenSize,
            intermediateSize: shared.width)
        gate =
            shared.isGated
            ? try weights.linear(
                prefix + "_gate.weight", outputs: 1, inputs: config.hiddenSize, staysStored: true) : nil
    }

    /// Adds their output for the rows of `workspace.normed` to the residual stream.
    func apply(in pass: ForwardPass) {
        let workspace = pass.workspace
        network.apply(in: pass)
        guard let gate else { return pass.add(workspace.expertOutput) }
        gate.apply(workspace.normed.base, rows: pass.rows, into: workspace.sharedGates.base)
        pass.kernels.sigmoid(workspace.sharedGates.base, count: pass.rows)
        for row in 0..<pass.rows {
            pass.kernels.addScaled(
                workspace.expertOutput.row(row), by: workspace.sharedGates.base[row],
                to: workspace.hidden.row(row), count: pass.model.config.hiddenSize)
        }
    }
}
