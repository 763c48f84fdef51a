import Numerics
import Threads

/// The feed-forward half of a dense block, behind its norm.
struct DenseLayer: Sendable {
    private let norm: [Float]
    let network: FeedForwardNetwork

    init(_ weights: WeightLoader, prefix: String, config: ModelConfig) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "post_attention_layernorm.weight", count: config.hiddenSize)
        network = try FeedForwardNetwork(
            weights, gate: prefix + "mlp.gate_proj.weight", up: prefix + "mlp.up_proj.weight",
            down: prefix + "mlp.down_proj.weight", hiddenSize: config.hiddenSize,
            intermediateSize: config.intermediateSize)
    }

    /// Floats of scratch that the network takes for a row.
    var scratchPerRow: Int { network.gateUp.scratchPerRow }

    /// Adds the network's output to the residual stream, row by row.
    func apply(in pass: ForwardPass) {
        let workspace = pass.workspace
        pass.clock?.enter(.feedForward)
        pass.normalise(by: norm)
        let parts = network.gateUp.partCount(rows: pass.rows, for: pass.workers)
        pass.workers.run(parts: parts) { part in
            network.gateUp.apply(
                workspace.normed.base, rows: pass.rows, into: workspace.activated.base,
                scratch: workspace.gateUp.base, part: part, of: parts)
        }
        network.down.apply(
            workspace.activated.base, rows: pass.rows, into: workspace.expertOutput.base,
            workers: pass.workers)
        pass.add(workspace.expertOutput)
    }
}
