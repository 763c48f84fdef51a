import Numerics

/// Queries, keys and values through narrow latents: multi-head latent attention (DeepSeek-V2, arXiv 2405.04434).
///
/// hidden → latents → norm → heads. The heads of keys and values are computed once per token and cached in full. A
/// head's query and key are [plain | rotated]; all heads share the rotated part of the key.
struct LatentHeads: Sendable {
    /// From the hidden state: [queryLatent or queries | keyValueLatent | rotated key].
    private let down: Linear
    private let queryNorm: [Float]
    /// `nil` if queries come directly from the hidden state.
    private let queryUp: Linear?
    private let keyValueNorm: [Float]
    /// Each head's plain key and value: [heads·(plain + valueDimension), keyValueRank].
    private let keyValueUp: Linear
    private let shape: AttentionShape
    private let rotated: Int
    private let epsilon: Float

    /// Floats before the latent of keys and values in a row of `down`'s output.
    private var queryColumns: Int { queryUp?.inputs ?? shape.queryWidth }
    private var plain: Int { shape.keyDimension - rotated }

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, _ kind: ModelConfig.LatentProjection
    ) throws(CheckpointError) {
        shape = config.attention
        rotated = kind.rotatedDimension
        // DeepSeek's own norms of the latents ignore `rms_norm_eps`.
        epsilon = 1e-6
        let plain = shape.keyDimension - rotated
        let hidden = config.hiddenSize
        /// The rows of all heads' queries, with rotated pairs half the rotated width apart.
        func queries(_ name: String, inputs: Int) throws(CheckpointError) -> [WeightMatrix] {
            let matrix = try weights.file.matrix(
                prefix + name, outputs: config.attention.queryWidth, inputs: inputs)
            guard kind.isInterleaved else { return [matrix] }
            return (0..<config.attention.heads).flatMap { head in
                let first = head * config.attention.keyDimension
                return [matrix.rows(first..<first + plain)]
                    + matrix.rows(first + plain..<first + config.attention.keyDimension).halvesApart
            }
        }
        var rows: [WeightMatrix]
        if let rank = kind.queryRank {
            rows = [try weights.file.matrix(prefix + "q_a_proj.weight", outputs: rank, inputs: hidden)]
            queryNorm = try weights.file.vector(prefix + "q_a_layernorm.weight", count: rank)
            queryUp = try weights.linear(queries("q_b_proj.weight", inputs: rank))
        } else {
            rows = try queries("q_proj.weight", inputs: hidden)
            queryNorm = []
            queryUp = nil
        }
        let latent = try weights.file.matrix(
            prefix + "kv_a_proj_with_mqa.weight", outputs: kind.keyValueRank + rotated, inputs: hidden)
        let key = latent.rows(kind.keyValueRank..<latent.outputs)
        rows.append(latent.rows(0..<kind.keyValueRank))
        rows += kind.isInterleaved ? key.halvesApart : [key]
        down = try weights.linear(rows)
        keyValueNorm = try weights.file.vector(prefix + "kv_a_layernorm.weight", count: kind.keyValueRank)
        keyValueUp = try weights.linear(
            prefix + "kv_b_proj.weight", outputs: shape.heads * (plain + shape.valueDimension),
            inputs: kind.keyValueRank)
    }

    var linears: [Linear] { [down, keyValueUp] + (queryUp.map { [$0] } ?? []) }

    /// The projections of all rows.
    func project(in pass: ForwardPass) {
        let latents = pass.workspace.latents
        down.apply(
            pass.workspace.normed.base, rows: pass.rows, into: latents.down.base, workers: pass.workers)
        if let queryUp {
            for row in 0..<pass.rows {
                normalise(
                    downRow(row, in: pass), by: queryNorm, into: latents.queryLatent.row(row),
                    in: pass)
            }
            queryUp.apply(
                latents.queryLatent.base, rows: pass.rows, into: latents.queries.base, workers: pass.workers)
        }
        for row in 0..<pass.rows {
            normalise(
                downRow(row, in: pass) + queryColumns, by: keyValueNorm,
                into: latents.keyValueLatent.row(row), in: pass)
        }
        keyValueUp.apply(
            latents.keyValueLatent.base, rows: pass.rows, into: latents.keysValues.base, workers: pass.workers
        )
    }

    /// Rotates one row's queries and key, and arranges its heads as `Attention` reads them.
    func finish(row: Int, at position: Int, in pass: ForwardPass) {
        let queries = pass.workspace.queriesKeysValues.row(row)
        let keys = queries + shape.queryWidth
        let values = keys + shape.keyWidth
        let made =
            queryUp == nil
            ? downRow(row, in: pass) : pass.workspace.latents.queries.row(row)
        queries.update(from: made, count: shape.queryWidth)
        let sharedKey = downRow(row, in: pass) + queryColumns + keyValueNorm.count
        rotate(sharedKey, at: position, in: pass)
        let columns = plain + shape.valueDimension
        for head in 0..<shape.heads {
            rotate(queries + head * shape.keyDimension + plain, at: position, in: pass)
            let source = pass.workspace.latents.keysValues.row(row) + head * columns
            let key = keys + head * shape.keyDimension
            key.update(from: source, count: plain)
            (key + plain).update(from: sharedKey, count: rotated)
            (values + head * shape.valueDimension).update(from: source + plain, count: shape.valueDimension)
        }
    }

    private func downRow(_ row: Int, in pass: ForwardPass) -> UnsafeMutablePointer<Float> {
        pass.workspace.latents.down.row(row)
    }

    private func normalise(
        _ x: UnsafePointer<Float>, by weight: [Float], into out: UnsafeMutablePointer<Float>,
        in pass: ForwardPass
    ) {
        pass.kernels.rmsNorm(x, weight: weight, into: out, rows: 1, width: weight.count, epsilon: epsilon)
    }

    private func rotate(_ x: UnsafeMutablePointer<Float>, at position: Int, in pass: ForwardPass) {
        pass.kernels.rotate(
            x, cosines: pass.model.rotary.cosines(at: position),
            sines: pass.model.rotary.sines(at: position), heads: 1, headDimension: rotated)
    }
}

/// Scratch memory of `LatentHeads`, between the hidden state and the heads.
///
/// Empty for a model without latents.
final class LatentWorkspace {
    /// [tokens, (queryRank or queries) + keyValueRank + rotated].
    let down: Matrix
    /// [tokens, queryRank].
    let queryLatent: Matrix
    /// [tokens, heads·keyDimension].
    let queries: Matrix
    /// [tokens, keyValueRank].
    let keyValueLatent: Matrix
    /// [tokens, heads·(plain + valueDimension)].
    let keysValues: Matrix

    init(_ config: ModelConfig, tokens: Int) {
        let shape = config.attention
        var widths = (down: 0, queryLatent: 0, queries: 0, keyValueLatent: 0, keysValues: 0)
        if case .latent(let latent) = config.projection {
            widths.queryLatent = latent.queryRank ?? 0
            widths.queries = latent.queryRank == nil ? 0 : shape.queryWidth
            widths.keyValueLatent = latent.keyValueRank
            widths.down =
                (latent.queryRank ?? shape.queryWidth) + latent.keyValueRank + latent.rotatedDimension
            widths.keysValues =
                shape.heads * (shape.keyDimension - latent.rotatedDimension + shape.valueDimension)
        }
        down = Matrix(rows: tokens, columns: widths.down)
        queryLatent = Matrix(rows: tokens, columns: widths.queryLatent)
        queries = Matrix(rows: tokens, columns: widths.queries)
        keyValueLatent = Matrix(rows: tokens, columns: widths.keyValueLatent)
        keysValues = Matrix(rows: tokens, columns: widths.keysValues)
    }
}

extension WeightMatrix {
    /// The rows with even indices before those with odd indices.
    fileprivate var halvesApart: [WeightMatrix] {
        (stride(from: 0, to: outputs, by: 2).map { $0 } + stride(from: 1, to: outputs, by: 2)).map {
            rows($0..<$0 + 1)
        }
    }
}
