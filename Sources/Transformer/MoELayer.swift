import ExpertRouting
import Numerics
import Threads

/// The sparse half of a Mixtral block (arXiv 2401.04088), behind its norm: the seam to `ExpertRouting`.
///
/// router → plan (who found a slot) → one pass per expert over the tokens it holds → combine, by choice.
struct MoELayer: Sendable {
    private let norm: [Float]
    let router: Linear
    let experts: [FeedForwardNetwork]
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

    /// Floats of scratch that an expert takes for a row.
    var scratchPerRow: Int { experts[0].gateUp.scratchPerRow }

    /// Adds the experts' output to the residual stream; `plan` becomes who was computed by whom.
    func apply(layer: Int, groups: [RoutingGroup], in pass: ForwardPass, plan: inout RoutingPlan) {
        let workspace = pass.workspace
        pass.clock?.enter(.routing)
        pass.normalise(by: norm)
        router.apply(workspace.normed.base, rows: pass.rows, into: workspace.routerLogits.base)
        workspace.planner.plan(
            choices(in: pass), in: groups, under: pass.batch.rule, layer: layer, step: pass.batch.number,
            into: &plan)
        workspace.dispatch.arrange(plan.kept)
        gather(plan, in: pass)
        pass.clock?.enter(.feedForward)
        compute(in: pass)
        pass.clock?.enter(.combination)
        combine(plan, in: pass)
    }

    /// Each token's best experts; gates are the softmax over the chosen logits.
    ///
    /// That is Mixtral's router: softmax over all experts, then renormalised over the chosen ones.
    private func choices(in pass: ForwardPass) -> Choices {
        let workspace = pass.workspace
        let count = pass.rows * choicesPerToken
        workspace.chosen.resize(to: count, filler: 0)
        workspace.gates.resize(to: count, filler: 0)
        workspace.routed.removeAll(keepingCapacity: true)
        for row in 0..<pass.rows {
            let logits = UnsafeBufferPointer(start: workspace.routerLogits.row(row), count: experts.count)
            workspace.routed.append(contentsOf: logits)
            let choices = row * choicesPerToken..<(row + 1) * choicesPerToken
            workspace.chosen.withUnsafeMutableBufferPointer { chosen in
                var best = MutableSpan(_unsafeElements: chosen[choices])
                Choices.top(choicesPerToken, of: logits.span, into: &best)
            }
            for choice in choices { workspace.gates[choice] = logits[workspace.chosen[choice]] }
            workspace.gates.withUnsafeMutableBufferPointer { gates in
                guard let base = gates.baseAddress else { return }
                pass.kernels.softmax(base + choices.lowerBound, count: choicesPerToken)
            }
        }
        return Choices(
            tokenCount: pass.rows, expertCount: experts.count, choicesPerToken: choicesPerToken,
            experts: workspace.chosen, gates: workspace.gates, logits: workspace.routed)
    }

    /// Copies each kept assignment's token to its expert's rows.
    private func gather(_ plan: RoutingPlan, in pass: ForwardPass) {
        let workspace = pass.workspace
        for (assignment, place) in zip(plan.kept, workspace.dispatch.place) {
            workspace.expertInput.row(place).update(
                from: workspace.normed.row(assignment.token), count: pass.model.config.hiddenSize)
        }
    }

    /// Runs each expert once over the tokens that hold its slots.
    ///
    /// All experts' first halves are one loop and all second halves another, cut by expert and by output.
    private func compute(in pass: ForwardPass) {
        let workspace = pass.workspace
        let active = workspace.dispatch.active
        guard let first = active.first else { return }
        let rowsEach = workspace.dispatch.place.count / active.count
        let gateUpParts = experts[first].gateUp.partCount(
            rows: rowsEach, for: pass.workers, layers: active.count)
        pass.workers.run(parts: active.count * gateUpParts) { part in
            let expert = active[part / gateUpParts]
            let rows = workspace.dispatch.rows(of: expert)
            experts[expert].gateUp.apply(
                workspace.expertInput.row(rows.lowerBound), rows: rows.count,
                into: workspace.activated.row(rows.lowerBound),
                scratch: workspace.gateUp.row(rows.lowerBound), part: part % gateUpParts, of: gateUpParts)
        }
        let downParts = experts[first].down.partCount(
            rows: rowsEach, for: pass.workers, layers: active.count)
        pass.workers.run(parts: active.count * downParts) { part in
            let expert = active[part / downParts]
            let rows = workspace.dispatch.rows(of: expert)
            experts[expert].down.apply(
                workspace.activated.row(rows.lowerBound), rows: rows.count,
                into: workspace.expertOutput.row(rows.lowerBound), part: part % downParts, of: downParts)
        }
    }

    /// Adds each token's results to the stream in the order of its choices, whoever computed first.
    private func combine(_ plan: RoutingPlan, in pass: ForwardPass) {
        let workspace = pass.workspace
        for (assignment, place) in zip(plan.kept, workspace.dispatch.place) {
            pass.kernels.addScaled(
                workspace.expertOutput.row(place), by: assignment.gate,
                to: workspace.hidden.row(assignment.token), count: pass.model.config.hiddenSize)
        }
    }
}

extension Array {
    /// Makes the array `count` long in the memory it has.
    fileprivate mutating func resize(to count: Int, filler: Element) {
        if self.count > count { removeLast(self.count - count) }
        append(contentsOf: repeatElement(filler, count: count - self.count))
    }
}
