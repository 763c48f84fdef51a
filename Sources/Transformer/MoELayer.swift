import ExpertRouting
import Numerics

/// The sparse half of a Mixtral block (arXiv 2401.04088), behind its norm: the seam to `ExpertRouting`.
///
/// router → plan (who found a slot) → one pass per expert over the tokens it holds → combine, by choice.
struct MoELayer: Sendable {
    private let norm: [Float]
    private let router: Linear
    private let experts: [FeedForwardNetwork]
    private let choicesPerToken: Int

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, experts: ModelConfig.Experts
    ) throws(CheckpointError) {
        norm = try weights.file.vector(prefix + "post_attention_layernorm.weight", count: config.hiddenSize)
        let block = prefix + "block_sparse_moe."
        router = try weights.linear(block + "gate.weight", outputs: experts.count, inputs: config.hiddenSize)
        choicesPerToken = experts.perToken
        var networks: [FeedForwardNetwork] = []
        for expert in 0..<experts.count {
            let name = block + "experts.\(expert)."
            networks.append(
                try FeedForwardNetwork(
                    weights, gate: name + "w1.weight", up: name + "w3.weight", down: name + "w2.weight",
                    hiddenSize: config.hiddenSize, intermediateSize: config.intermediateSize))
        }
        self.experts = networks
    }

    /// Adds the experts' output to the residual stream and tells who was computed by whom.
    func apply(
        layer: Int, groups: [RoutingGroup], batch: StepBatch, model: Model, workspace: Workspace
    ) -> RoutingPlan {
        let rows = workspace.rows
        model.kernels.rmsNorm(
            workspace.hidden.base, weight: norm, into: workspace.normed.base, rows: rows,
            width: model.config.hiddenSize, epsilon: model.config.rmsNormEpsilon)
        router.apply(workspace.normed.base, rows: rows, into: workspace.routerLogits.base)
        let plan = RoutingPlan.plan(
            choices(rows: rows, kernels: model.kernels, workspace: workspace), in: groups, under: batch.rule,
            layer: layer, step: batch.number)
        compute(plan, model: model, workspace: workspace)
        return plan
    }

    /// Each token's best experts; gates are the softmax over the chosen logits.
    ///
    /// That is Mixtral's router: softmax over all experts, then renormalised over the chosen ones.
    private func choices(rows: Int, kernels: Kernels, workspace: Workspace) -> Choices {
        let count = experts.count
        var chosen = [Int](repeating: 0, count: rows * choicesPerToken)
        var gates = [Float](repeating: 0, count: rows * choicesPerToken)
        var best = [Int](repeating: 0, count: choicesPerToken)
        for row in 0..<rows {
            let logits = UnsafeBufferPointer(start: workspace.routerLogits.row(row), count: count)
            var span = best.mutableSpan
            Choices.top(choicesPerToken, of: logits.span, into: &span)
            let first = row * choicesPerToken
            for (choice, expert) in best.enumerated() {
                chosen[first + choice] = expert
                gates[first + choice] = logits[expert]
            }
            gates.withUnsafeMutableBufferPointer { gates in
                if let base = gates.baseAddress { kernels.softmax(base + first, count: choicesPerToken) }
            }
        }
        return Choices(
            tokenCount: rows, expertCount: count, choicesPerToken: choicesPerToken, experts: chosen,
            gates: gates,
            logits: Array(UnsafeBufferPointer(start: workspace.routerLogits.base, count: rows * count)))
    }

    /// Runs each expert once over the tokens that hold its slots, then adds the results to the stream.
    ///
    /// A token's results are added in the order of its choices, so the sum is the same whoever computed first.
    private func compute(_ plan: RoutingPlan, model: Model, workspace: Workspace) {
        let width = model.config.hiddenSize
        // A counting sort by expert; `place[i]` is the row of the i-th kept assignment.
        var next = [Int](repeating: 0, count: experts.count + 1)
        for assignment in plan.kept { next[assignment.expert + 1] += 1 }
        for expert in experts.indices { next[expert + 1] += next[expert] }
        let firstRow = next
        var place = [Int](repeating: 0, count: plan.kept.count)
        for (index, assignment) in plan.kept.enumerated() {
            place[index] = next[assignment.expert]
            next[assignment.expert] += 1
            workspace.expertInput.row(place[index]).update(
                from: workspace.normed.row(assignment.token), count: width)
        }
        for expert in experts.indices where firstRow[expert] < firstRow[expert + 1] {
            experts[expert].apply(
                workspace.expertInput.row(firstRow[expert]), rows: firstRow[expert + 1] - firstRow[expert],
                into: workspace.expertOutput.row(firstRow[expert]), kernels: model.kernels,
                workspace: workspace)
        }
        combine(plan, place: place, model: model, workspace: workspace)
    }

    private func combine(_ plan: RoutingPlan, place: [Int], model: Model, workspace: Workspace) {
        for (index, assignment) in plan.kept.enumerated() {
            model.kernels.addScaled(
                workspace.expertOutput.row(place[index]), by: assignment.gate,
                to: workspace.hidden.row(assignment.token), count: model.config.hiddenSize)
        }
    }
}
