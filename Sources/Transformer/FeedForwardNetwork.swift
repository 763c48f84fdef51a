import Numerics

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
        gateUp = GatedLinear(
            gate: try weights.file.matrix(gate, outputs: intermediateSize, inputs: hiddenSize),
            up: try weights.file.matrix(up, outputs: intermediateSize, inputs: hiddenSize),
            mode: weights.mode, kernels: weights.kernels, arena: weights.arena)
        self.down = try weights.linear(down, outputs: hiddenSize, inputs: intermediateSize)
    }

    var parameterCount: Int { 3 * down.outputs * down.inputs }

    var weightBytes: Int { gateUp.weightBytes + down.weightBytes }
}
