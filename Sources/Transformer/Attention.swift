import ExpertRouting
import Numerics
import Threads

/// Grouped-query attention over the paged KV cache, behind its norm.
struct Attention: Sendable {
    private let norm: [Float]
    /// Queries, keys and values stacked: [(heads + 2·kvHeads)·headDimension, hidden].
    private let queriesKeysValues: Linear
    private let output: Linear
    private let heads: Int
    private let keyValueHeads: Int
    private let headDimension: Int
    private let slidingWindow: Int?

    init(_ weights: WeightLoader, prefix: String, config: ModelConfig) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "input_layernorm.weight", count: config.hiddenSize)
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

    var linears: [Linear] { [queriesKeysValues, output] }

    /// Adds attention's output to the residual stream, row by row.
    func apply(layer: Int, in pass: ForwardPass) {
        let workspace = pass.workspace
        pass.clock?.enter(.projections)
        pass.normalise(by: norm)
        queriesKeysValues.apply(
            workspace.normed.base, rows: pass.rows, into: workspace.queriesKeysValues.base,
            workers: pass.workers)
        pass.clock?.enter(.attention)
        rotateAndStore(layer: layer, in: pass)
        attend(layer: layer, in: pass)
        pass.clock?.enter(.projections)
        output.apply(
            workspace.attended.base, rows: pass.rows, into: workspace.normed.base, workers: pass.workers)
        pass.add(workspace.normed)
    }

    /// Rotates queries and keys by their positions and stores keys and values in their blocks.
    private func rotateAndStore(layer: Int, in pass: ForwardPass) {
        let rows = pass.rows
        let parts = pass.workers.partCount(
            picoseconds: rows * (heads + keyValueHeads) * headDimension * 500, units: rows)
        pass.workers.run(parts: parts) { part in
            for row in part * rows / parts..<(part + 1) * rows / parts {
                let token = pass.batch.tokens[row]
                let queries = pass.workspace.queriesKeysValues.row(row)
                let keys = queries + heads * headDimension
                pass.kernels.rotate(
                    queries, cosines: pass.model.rotary.cosines(at: token.position),
                    sines: pass.model.rotary.sines(at: token.position),
                    heads: heads + keyValueHeads, headDimension: headDimension)
                pass.cache.store(
                    key: keys, value: keys + keyValueHeads * headDimension, layer: layer,
                    block: pass.batch.chunks[token.sequence].blocks[token.position / KVCache.blockSize],
                    slot: token.position % KVCache.blockSize)
            }
        }
    }

    /// Each token looks back at its own sequence, up to itself.
    private func attend(layer: Int, in pass: ForwardPass) {
        let positions = pass.batch.tokens.reduce(0) {
            $0 + $1.position + 1 - firstAttended(from: $1.position)
        }
        // One unit is what a token's query heads ask of one key-value head.
        let units = pass.rows * keyValueHeads
        let parts = pass.workers.partCount(picoseconds: positions * heads * headDimension * 100, units: units)
        pass.workers.run(parts: parts) { part in
            var unit = part * units / parts
            let end = (part + 1) * units / parts
            while unit < end {
                let row = unit / keyValueHeads
                let next = min(end, (row + 1) * keyValueHeads)
                attend(
                    row: row, keyValueHeads: unit - row * keyValueHeads..<next - row * keyValueHeads,
                    layer: layer, in: pass, scores: pass.workspace.scores.row(part))
                unit = next
            }
        }
    }

    private func attend(
        row: Int, keyValueHeads part: Range<Int>, layer: Int, in pass: ForwardPass,
        scores: UnsafeMutablePointer<Float>
    ) {
        let token = pass.batch.tokens[row]
        pass.kernels.attend(
            pass.workspace.queriesKeysValues.row(row), keys: pass.cache.keys(layer),
            values: pass.cache.values(layer), blocks: pass.batch.chunks[token.sequence].blocks,
            first: firstAttended(from: token.position), count: token.position + 1, heads: heads,
            keyValueHeads: keyValueHeads, part: part, headDimension: headDimension,
            scale: 1 / Float(headDimension).squareRoot(), scores: scores,
            into: pass.workspace.attended.row(row))
    }

    /// The first position that the token at `position` attends to.
    private func firstAttended(from position: Int) -> Int {
        slidingWindow.map { max(0, position + 1 - $0) } ?? 0
    }
}
