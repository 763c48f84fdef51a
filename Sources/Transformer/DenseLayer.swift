import Numerics

/// A gated feed-forward network (SwiGLU, arXiv 2002.05202): down(silu(gate(x)) · up(x)).
struct FeedForwardNetwork: Sendable {
    /// Gate over up: [2·intermediate, hidden].
    private let gateUp: Linear
    private let down: Linear
    private let intermediateSize: Int

    init(
        _ weights: WeightLoader, gate: String, up: String, down: String, hiddenSize: Int,
        intermediateSize: Int
    ) throws(CheckpointError) {
        gateUp = try weights.linear(
            stacking: [(gate, intermediateSize), (up, intermediateSize)], inputs: hiddenSize)
        self.down = try weights.linear(down, outputs: hiddenSize, inputs: intermediateSize)
        self.intermediateSize = intermediateSize
    }

    /// x, y: [rows, hidden].
    func apply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, kernels: Kernels,
        workspace: Workspace
    ) {
        gateUp.apply(x, rows: rows, into: workspace.gateUp.base)
        kernels.siluMultiply(
            workspace.gateUp.base, into: workspace.activated.base, rows: rows, width: intermediateSize)
        down.apply(workspace.activated.base, rows: rows, into: y)
    }
}

/// The feed-forward half of a dense block, behind its norm.
struct DenseLayer: Sendable {
    private let norm: [Float]
    private let network: FeedForwardNetwork

    init(_ weights: WeightLoader, prefix: String, config: ModelConfig) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "post_attention_layernorm.weight", count: config.hiddenSize)
        network = try FeedForwardNetwork(
            weights, gate: prefix + "mlp.gate_proj.weight", up: prefix + "mlp.up_proj.weight",
            down: prefix + "mlp.down_proj.weight", hiddenSize: config.hiddenSize,
            intermediateSize: config.intermediateSize)
    }

    /// Adds the network's output to the residual stream, row by row.
    func apply(model: Model, workspace: Workspace) {
        let rows = workspace.rows
        let width = model.config.hiddenSize
        model.kernels.rmsNorm(
            workspace.hidden.base, weight: norm, into: workspace.normed.base, rows: rows, width: width,
            epsilon: model.config.rmsNormEpsilon)
        network.apply(
            workspace.normed.base, rows: rows, into: workspace.expertOutput.base, kernels: model.kernels,
            workspace: workspace)
        model.kernels.add(workspace.expertOutput.base, to: workspace.hidden.base, count: rows * width)
    }
}
