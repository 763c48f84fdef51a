import Numerics

/// Grouped-query attention over the paged KV cache, behind its norm.
struct Attention: Sendable {
    private let norm: [Float]
    private let epsilon: Float
    /// Queries, keys and values stacked: [(heads + 2·kvHeads)·headDimension, hidden].
    private let queriesKeysValues: Linear
    private let output: Linear
    private let heads: Int
    private let keyValueHeads: Int
    private let headDimension: Int
    private let slidingWindow: Int?

    init(_ weights: WeightLoader, prefix: String, config: ModelConfig) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "input_layernorm.weight", count: config.hiddenSize)
        epsilon = config.rmsNormEpsilon
        heads = config.headCount
        keyValueHeads = config.keyValueHeadCount
        headDimension = config.headDimension
        slidingWindow = config.slidingWindow
        let attention = prefix + "self_attn."
        queriesKeysValues = try weights.linear(
            stacking: [
                (attention + "q_proj.weight", heads * headDimension),
                (attention + "k_proj.weight", keyValueHeads * headDimension),
                (attention + "v_proj.weight", keyValueHeads * headDimension),
            ], inputs: config.hiddenSize)
        output = try weights.linear(
            attention + "o_proj.weight", outputs: config.hiddenSize, inputs: heads * headDimension)
    }

    /// Adds attention's output to the residual stream `workspace.hidden`, row by row.
    func apply(layer: Int, batch: StepBatch, model: Model, cache: borrowing KVCache, workspace: Workspace) {
        let kernels = model.kernels
        let rows = workspace.rows
        let width = model.config.hiddenSize
        kernels.rmsNorm(
            workspace.hidden.base, weight: norm, into: workspace.normed.base, rows: rows, width: width,
            epsilon: epsilon)
        queriesKeysValues.apply(workspace.normed.base, rows: rows, into: workspace.queriesKeysValues.base)
        rotateAndStore(layer: layer, batch: batch, model: model, cache: cache, workspace: workspace)
        attend(layer: layer, batch: batch, kernels: kernels, cache: cache, workspace: workspace)
        output.apply(workspace.attended.base, rows: rows, into: workspace.normed.base)
        kernels.add(workspace.normed.base, to: workspace.hidden.base, count: rows * width)
    }

    /// Rotates queries and keys by their positions and stores keys and values in their blocks.
    private func rotateAndStore(
        layer: Int, batch: StepBatch, model: Model, cache: borrowing KVCache, workspace: Workspace
    ) {
        var row = 0
        for chunk in batch.chunks {
            for position in chunk.firstPosition..<chunk.firstPosition + chunk.tokens.count {
                let queries = workspace.queriesKeysValues.row(row)
                let keys = queries + heads * headDimension
                model.kernels.rotate(
                    queries, cosines: model.rotary.cosines(at: position),
                    sines: model.rotary.sines(at: position),
                    heads: heads + keyValueHeads, headDimension: headDimension)
                cache.store(
                    key: keys, value: keys + keyValueHeads * headDimension, layer: layer,
                    block: chunk.blocks[position / KVCache.blockSize], slot: position % KVCache.blockSize)
                row += 1
            }
        }
    }

    /// Each token looks back at its own sequence, up to itself.
    private func attend(
        layer: Int, batch: StepBatch, kernels: Kernels, cache: borrowing KVCache, workspace: Workspace
    ) {
        let scale = 1 / Float(headDimension).squareRoot()
        var row = 0
        for chunk in batch.chunks {
            for position in chunk.firstPosition..<chunk.firstPosition + chunk.tokens.count {
                let first = slidingWindow.map { max(0, position + 1 - $0) } ?? 0
                kernels.attend(
                    workspace.queriesKeysValues.row(row), keys: cache.keys(layer),
                    values: cache.values(layer),
                    blocks: chunk.blocks, first: first, count: position + 1, heads: heads,
                    keyValueHeads: keyValueHeads, headDimension: headDimension, scale: scale,
                    scores: workspace.scores.base, into: workspace.attended.row(row))
                row += 1
            }
        }
    }
}
