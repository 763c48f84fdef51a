import ExpertRouting
import Numerics
import Threads

/// Attention over the paged KV cache, with the norm before it.
struct Attention: Sendable {
    /// How queries, keys and values are computed.
    enum Heads: Sendable {
        case grouped(GroupedHeads)
        case latent(LatentHeads)
    }

    private let norm: [Float]
    private let heads: Heads
    private let output: Linear
    /// Empty for none.
    private let outputBias: [Float]
    private let shape: AttentionShape
    private let scale: Float
    private let slidingWindow: Int?

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, slidingWindow: Int?
    ) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "input_layernorm.weight", count: config.hiddenSize)
        shape = config.attention
        scale = config.attentionScale
        self.slidingWindow = slidingWindow
        let names = prefix + "self_attn."
        heads =
            switch config.projection {
            case .grouped(let kind): .grouped(try GroupedHeads(weights, prefix: names, config: config, kind))
            case .latent(let kind): .latent(try LatentHeads(weights, prefix: names, config: config, kind))
            }
        output = try weights.linear(
            names + "o_proj.weight", outputs: config.hiddenSize, inputs: shape.outputWidth)
        outputBias =
            config.hasOutputBias
            ? try weights.file.vector(names + "o_proj.bias", count: config.hiddenSize) : []
    }

    var linears: [Linear] {
        switch heads {
        case .grouped(let heads): [heads.queriesKeysValues, output]
        case .latent(let heads): heads.linears + [output]
        }
    }

    /// Adds attention's output to the residual stream, row by row.
    func apply(layer: Int, in pass: ForwardPass) {
        let workspace = pass.workspace
        pass.clock?.enter(.projections)
        pass.normalise(by: norm)
        switch heads {
        case .grouped(let heads): heads.project(in: pass)
        case .latent(let heads): heads.project(in: pass)
        }
        pass.clock?.enter(.attention)
        finishAndStore(layer: layer, in: pass)
        attend(layer: layer, in: pass)
        pass.clock?.enter(.projections)
        output.apply(
            workspace.attended.base, rows: pass.rows, into: workspace.normed.base, workers: pass.workers)
        pass.add(workspace.normed)
        if !outputBias.isEmpty {
            for row in 0..<pass.rows {
                pass.kernels.add(outputBias, to: workspace.hidden.row(row), count: outputBias.count)
            }
        }
    }

    /// Computes each token's queries, keys and values, and stores keys and values in their blocks.
    private func finishAndStore(layer: Int, in pass: ForwardPass) {
        let rows = pass.rows
        let parts = pass.workers.partCount(
            picoseconds: rows * (shape.queryWidth + shape.keyWidth) * 500, units: rows)
        pass.workers.run(parts: parts) { part in
            for row in part * rows / parts..<(part + 1) * rows / parts {
                let token = pass.batch.tokens[row]
                switch heads {
                case .grouped(let heads): heads.finish(row: row, at: token.position, in: pass)
                case .latent(let heads): heads.finish(row: row, at: token.position, in: pass)
                }
                let keys = pass.workspace.queriesKeysValues.row(row) + shape.queryWidth
                pass.cache.store(
                    key: keys, value: keys + shape.keyWidth, layer: layer,
                    block: pass.batch.chunks[token.sequence].blocks[token.position / KVCache.blockSize],
                    slot: token.position % KVCache.blockSize)
            }
        }
    }

    /// Each token attends to its own sequence, up to itself.
    private func attend(layer: Int, in pass: ForwardPass) {
        let positions = pass.batch.tokens.reduce(0) {
            $0 + $1.position + 1 - firstAttended(from: $1.position)
        }
        // A unit is the query heads of one token that read one key-value head.
        let keyValueHeads = shape.keyValueHeads
        let units = pass.rows * keyValueHeads
        let parts = pass.workers.partCount(picoseconds: positions * shape.queryWidth * 100, units: units)
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
            first: firstAttended(from: token.position), count: token.position + 1, shape: shape, part: part,
            scale: scale, scores: scores, into: pass.workspace.attended.row(row))
    }

    /// The first position that the token at `position` attends to.
    private func firstAttended(from position: Int) -> Int {
        slidingWindow.map { max(0, position + 1 - $0) } ?? 0
    }
}
