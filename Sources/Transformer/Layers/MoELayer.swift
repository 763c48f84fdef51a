import ExpertRouting
import Numerics
import Threads

/// The sparse half of a block (Mixtral, arXiv 2401.04088), behind its norm: the seam to `ExpertRouting`.
///
/// router → plan (which assignments got a slot) → one pass per expert over its tokens → combine, by choice → shared
/// experts. The experts are behind ``ExpertBackend``; combining stays with the owner of the tokens.
struct MoELayer: Sendable {
    private let norm: [Float]
    let router: Router
    let experts: any ExpertBackend
    let shared: SharedExperts?

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, experts: ModelConfig.Experts
    ) throws(CheckpointError) {
        let names = experts.names
        norm = try weights.file.vector(prefix + "post_attention_layernorm.weight", count: config.hiddenSize)
        let block = prefix + names.block
        router = try Router(weights, prefix: block, config: config, experts: experts)
        var networks: [FeedForwardNetwork] = []
        for expert in 0..<experts.count {
            let name = block + "experts.\(expert)."
            networks.append(
                try FeedForwardNetwork(
                    weights, gate: name + names.gate + ".weight", up: name + names.up + ".weight",
                    down: name + names.down + ".weight", hiddenSize: config.hiddenSize,
                    intermediateSize: experts.width))
        }
        self.experts = LocalExperts(networks: networks)
        if let shared = experts.shared, let name = names.shared {
            self.shared = try SharedExperts(weights, prefix: block + name, config: config, shared)
        } else {
            shared = nil
        }
    }

    /// Floats of scratch per row of an expert.
    var scratchPerRow: Int {
        max(experts.scratchPerRow, shared?.network.gateUp.scratchPerRow ?? 0)
    }

    /// Adds the experts' output to the residual stream, and writes the layer's plan to `plan`.
    func apply(layer: Int, groups: [RoutingGroup], in pass: ForwardPass, plan: inout RoutingPlan) {
        let workspace = pass.workspace
        pass.clock?.enter(.routing)
        pass.normalise(by: norm)
        workspace.planner.plan(
            router.choices(in: pass), in: groups, layer: layer, step: pass.batch.number, into: &plan)
        workspace.dispatch.arrange(plan.kept)
        gather(plan, in: pass)
        pass.clock?.enter(.feedForward)
        experts.run(
            workspace.dispatch, input: workspace.expertInput, output: workspace.expertOutput, in: pass)
        pass.clock?.enter(.combination)
        combine(plan, in: pass)
        pass.clock?.enter(.feedForward)
        shared?.apply(in: pass)
    }

    /// Copies each kept assignment's token to its expert's rows.
    private func gather(_ plan: RoutingPlan, in pass: ForwardPass) {
        let workspace = pass.workspace
        for (assignment, place) in zip(plan.kept, workspace.dispatch.place) {
            workspace.expertInput.row(place).update(
                from: workspace.normed.row(assignment.token), count: pass.model.config.hiddenSize)
        }
    }

    /// Adds each token's results to the stream in the order of its choices, whichever expert computed first.
    private func combine(_ plan: RoutingPlan, in pass: ForwardPass) {
        let workspace = pass.workspace
        for (assignment, place) in zip(plan.kept, workspace.dispatch.place) {
            pass.kernels.addScaled(
                workspace.expertOutput.row(place), by: assignment.gate,
                to: workspace.hidden.row(assignment.token), count: pass.model.config.hiddenSize)
        }
    }
}
