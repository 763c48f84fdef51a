import ExpertRouting
import Numerics
import Threads

/// The scratch memory of a forward pass, allocated once for the largest step.
final class Workspace {
    /// The residual stream, [tokens, hidden].
    let hidden: Matrix
    /// A sub-layer's normed input, then its output, [tokens, hidden].
    let normed: Matrix
    /// Each token's queries, keys and values.
    let queriesKeysValues: Matrix
    let latents: LatentWorkspace
    /// [tokens, heads·valueDimension].
    let attended: Matrix
    /// Scratch of attention, one row for each part of the loop over tokens.
    let scores: Matrix
    /// [tokens, experts].
    let routerLogits: Matrix
    /// Tokens gathered by expert, [tokens·choices, hidden].
    let expertInput: Matrix
    /// The experts' outputs, in the same order, [tokens·choices, hidden].
    let expertOutput: Matrix
    /// Scratch of `GatedLinear`, [tokens·choices, scratchPerRow].
    let gateUp: Matrix
    /// [tokens·choices, widest network].
    let activated: Matrix
    /// One logit per token.
    let sharedGates: Matrix
    /// [sequences, vocabulary].
    let logits: Matrix
    /// The row layout of the gathered matrices.
    var dispatch: ExpertDispatch
    var planner = RoutingPlanner()
    /// Each token's chosen experts and gates, [tokens·choices], and the router's logits, [tokens·experts].
    var chosen: [Int] = []
    var gates: [Float] = []
    var routed: [Float] = []

    init(model: Model, tokens: Int, sequences: Int, context: Int, threads: Int) {
        let config = model.config
        let assignments = tokens * (config.experts?.perToken ?? 1)
        let shape = config.attention
        hidden = Matrix(rows: tokens, columns: config.hiddenSize)
        normed = Matrix(rows: tokens, columns: config.hiddenSize)
        queriesKeysValues = Matrix(
            rows: tokens, columns: shape.queryWidth + shape.keyWidth + shape.valueWidth)
        latents = LatentWorkspace(config, tokens: tokens)
        attended = Matrix(rows: tokens, columns: shape.outputWidth)
        scores = Matrix(
            rows: WorkerPool.mostParts(threads: threads), columns: Kernels.scoresCount(positions: context))
        routerLogits = Matrix(rows: tokens, columns: config.experts?.count ?? 0)
        expertInput = Matrix(rows: assignments, columns: config.hiddenSize)
        expertOutput = Matrix(rows: assignments, columns: config.hiddenSize)
        gateUp = Matrix(rows: assignments, columns: model.layers.map(\.scratchPerRow).max() ?? 0)
        activated = Matrix(rows: assignments, columns: config.layers.map(\.feedForward.widest).max() ?? 0)
        sharedGates = Matrix(rows: tokens, columns: 1)
        logits = Matrix(rows: sequences, columns: config.vocabularySize)
        dispatch = ExpertDispatch(expertCount: config.experts?.count ?? 0, assignments: assignments)
    }
}

extension ModelConfig.FeedForward {
    /// The width of the widest network.
    fileprivate var widest: Int {
        switch self {
        case .dense(let width): width
        case .experts(let experts): max(experts.width, experts.shared?.width ?? 0)
        }
    }
}
