import ExpertRouting
import Numerics
import Threads

/// The scratch memory of a forward pass, allocated once for the largest step.
final class Workspace {
    /// The residual stream, [tokens, hidden].
    let hidden: Matrix
    /// A sub-layer's normed input, then its output, [tokens, hidden].
    let normed: Matrix
    /// [tokens, (heads + 2·kvHeads)·headDimension].
    let queriesKeysValues: Matrix
    /// [tokens, heads·headDimension].
    let attended: Matrix
    /// Scratch of a token's attention, a row for each part of the loop over tokens.
    let scores: Matrix
    /// [tokens, experts].
    let routerLogits: Matrix
    /// Tokens gathered by expert, [tokens·choices, hidden].
    let expertInput: Matrix
    /// The experts' results, gathered likewise, [tokens·choices, hidden].
    let expertOutput: Matrix
    /// What `GatedLinear` wants, [tokens·choices, scratchPerRow].
    let gateUp: Matrix
    /// [tokens·choices, intermediate].
    let activated: Matrix
    /// [sequences, vocabulary].
    let logits: Matrix
    /// Which rows of the gathered matrices are whose.
    var dispatch: ExpertDispatch
    var planner = RoutingPlanner()
    /// Each token's chosen experts and their gates, [tokens·choices], and the router's logits, [tokens·experts].
    var chosen: [Int] = []
    var gates: [Float] = []
    var routed: [Float] = []

    init(model: Model, tokens: Int, sequences: Int, context: Int, threads: Int) {
        let config = model.config
        let assignments = tokens * (config.experts?.perToken ?? 1)
        let queryWidth = config.headCount * config.headDimension
        hidden = Matrix(rows: tokens, columns: config.hiddenSize)
        normed = Matrix(rows: tokens, columns: config.hiddenSize)
        queriesKeysValues = Matrix(
            rows: tokens, columns: queryWidth + 2 * config.keyValueHeadCount * config.headDimension)
        attended = Matrix(rows: tokens, columns: queryWidth)
        scores = Matrix(
            rows: WorkerPool.mostParts(threads: threads), columns: Kernels.scoresCount(positions: context))
        routerLogits = Matrix(rows: tokens, columns: config.experts?.count ?? 0)
        expertInput = Matrix(rows: assignments, columns: config.hiddenSize)
        expertOutput = Matrix(rows: assignments, columns: config.hiddenSize)
        gateUp = Matrix(rows: assignments, columns: model.layers[0].scratchPerRow)
        activated = Matrix(rows: assignments, columns: config.intermediateSize)
        logits = Matrix(rows: sequences, columns: config.vocabularySize)
        dispatch = ExpertDispatch(expertCount: config.experts?.count ?? 0, assignments: assignments)
    }
}
