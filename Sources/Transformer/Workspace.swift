import Numerics

/// The scratch memory of a forward pass, allocated once for the largest step.
final class Workspace {
    /// Rows in use: the tokens of the step at hand.
    var rows = 0

    /// The residual stream, [tokens, hidden].
    let hidden: Matrix
    /// A sub-layer's normed input, then its output, [tokens, hidden].
    let normed: Matrix
    /// [tokens, (heads + 2·kvHeads)·headDimension].
    let queriesKeysValues: Matrix
    /// [tokens, heads·headDimension].
    let attended: Matrix
    /// Scratch of one token's attention.
    let scores: Matrix
    /// [tokens, experts].
    let routerLogits: Matrix
    /// Tokens gathered by expert, [tokens·choices, hidden].
    let expertInput: Matrix
    /// The experts' results, gathered likewise, [tokens·choices, hidden].
    let expertOutput: Matrix
    /// [tokens, 2·intermediate].
    let gateUp: Matrix
    /// [tokens, intermediate].
    let activated: Matrix
    /// [sequences, vocabulary].
    let logits: Matrix

    init(config: ModelConfig, tokens: Int, sequences: Int, context: Int) {
        let assignments = tokens * (config.experts?.perToken ?? 1)
        let queryWidth = config.headCount * config.headDimension
        hidden = Matrix(rows: tokens, columns: config.hiddenSize)
        normed = Matrix(rows: tokens, columns: config.hiddenSize)
        queriesKeysValues = Matrix(
            rows: tokens, columns: queryWidth + 2 * config.keyValueHeadCount * config.headDimension)
        attended = Matrix(rows: tokens, columns: queryWidth)
        scores = Matrix(rows: 1, columns: Kernels.scoresCount(positions: context))
        routerLogits = Matrix(rows: tokens, columns: config.experts?.count ?? 0)
        expertInput = Matrix(rows: assignments, columns: config.hiddenSize)
        expertOutput = Matrix(rows: assignments, columns: config.hiddenSize)
        gateUp = Matrix(rows: tokens, columns: 2 * config.intermediateSize)
        activated = Matrix(rows: tokens, columns: config.intermediateSize)
        logits = Matrix(rows: sequences, columns: config.vocabularySize)
    }
}
