import Numerics

/// Queries, keys and values computed directly from the hidden state: grouped-query attention (arXiv 2305.13245).
///
/// A row of the result is [queries | keys | values].
struct GroupedHeads: Sendable {
    /// Stacked: [(heads + 2·kvHeads)·headDimension, hidden].
    let queriesKeysValues: Linear
    /// Same layout as the outputs of `queriesKeysValues`; empty for none.
    private let bias: [Float]
    private let norm: ModelConfig.QueryKeyNorm
    /// [headDimension], or the width of all heads.
    private let queryNorm: [Float]
    private let keyNorm: [Float]
    private let clip: Float?
    private let shape: AttentionShape
    private let epsilon: Float

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, _ kind: ModelConfig.GroupedProjection
    ) throws(CheckpointError) {
        shape = config.attention
        epsilon = config.rmsNormEpsilon
        clip = kind.clip
        let parts = [("q_proj", shape.queryWidth), ("k_proj", shape.keyWidth), ("v_proj", shape.valueWidth)]
        queriesKeysValues = try weights.linear(
            stacking: parts.map { (prefix + $0.0 + ".weight", $0.1) }, inputs: config.hiddenSize)
        var bias: [Float] = []
        if kind.hasBias {
            for (name, width) in parts {
                bias += try weights.file.vector(prefix + name + ".bias", count: width)
            }
        }
        self.bias = bias
        norm = kind.norm
        switch kind.norm {
        case .none:
            (queryNorm, keyNorm) = ([], [])
        case .perHead:
            queryNorm = try weights.file.vector(prefix + "q_norm.weight", count: shape.keyDimension)
            keyNorm = try weights.file.vector(prefix + "k_norm.weight", count: shape.keyDimension)
        case .whole:
            queryNorm = try weights.file.vector(prefix + "q_norm.weight", count: shape.queryWidth)
            keyNorm = try weights.file.vector(prefix + "k_norm.weight", count: shape.keyWidth)
        }
    }

    /// The projections of all rows.
    func project(in pass: ForwardPass) {
        queriesKeysValues.apply(
            pass.workspace.normed.base, rows: pass.rows, into: pass.workspace.queriesKeysValues.base,
            workers: pass.workers)
    }

    /// Bias, norm, clipping and rotation of one row.
    func finish(row: Int, at position: Int, in pass: ForwardPass) {
        let queries = pass.workspace.queriesKeysValues.row(row)
        let keys = queries + shape.queryWidth
        if !bias.isEmpty { pass.kernels.add(bias, to: queries, count: bias.count) }
        switch norm {
        case .none: break
        case .perHead:
            normalise(queries, by: queryNorm, rows: shape.heads, in: pass)
            normalise(keys, by: keyNorm, rows: shape.keyValueHeads, in: pass)
        case .whole:
            normalise(queries, by: queryNorm, rows: 1, in: pass)
            normalise(keys, by: keyNorm, rows: 1, in: pass)
        }
        if let clip {
            for index in 0..<queriesKeysValues.outputs {
                queries[index] = min(max(queries[index], -clip), clip)
            }
        }
        pass.kernels.rotate(
            queries, cosines: pass.model.rotary.cosines(at: position),
            sines: pass.model.rotary.sines(at: position), heads: shape.heads + shape.keyValueHeads,
            headDimension: shape.keyDimension)
    }

    private func normalise(
        _ x: UnsafeMutablePointer<Float>, by weight: [Float], rows: Int, in pass: ForwardPass
    ) {
        pass.kernels.rmsNorm(
            x, weight: weight, into: x, rows: rows, width: weight.count, epsilon: epsilon)
    }
}
