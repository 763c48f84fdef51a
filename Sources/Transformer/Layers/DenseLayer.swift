import Numerics

/// The feed-forward half of a dense block, with the norm before it.
struct DenseLayer: Sendable {
    private let norm: [Float]
    let network: FeedForwardNetwork

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, width: Int
    ) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "post_attention_layernorm.weight", count: config.hiddenSize)
        network = try FeedForwardNetwork(
            weights, gate: prefix + "mlp.gate_proj.weight", up: prefix + "mlp.up_proj.weight",
            down: prefix + "mlp.down_proj.weight", hiddenSize: config.hiddenSize,
            intermediateSize: width)
    }

    /// Floats of scratch memory that the network needs per row.
    var scratchPerRow: Int { network.gateUp.scratchPerRow }

    /// Adds the network's output to the residual stream, row by row.
    func apply(in pass: ForwardPass) {
        pass.clock?.enter(.feedForward)
        pass.normalise(by: norm)
        network.apply(in: pass)
        pass.add(pass.workspace.expertOutput)
    }
}
