import ExpertRouting
import Numerics

/// Turns hidden states into choices of experts and gates, as the checkpoint's `Gating` says.
struct Router: Sendable {
    let linear: Linear
    private let gating: Gating
    /// Added to the scores when choosing; empty for none.
    private let choiceBias: [Float]
    private let choicesPerToken: Int

    init(
        _ weights: WeightLoader, prefix: String, config: ModelConfig, experts: ModelConfig.Experts
    ) throws(CheckpointError) {
        linear = try weights.linear(
            prefix + "gate.weight", outputs: experts.count, inputs: config.hiddenSize, staysStored: true)
        gating = experts.gating
        choiceBias =
            experts.gating.hasChoiceBias
            ? try weights.file.vector(prefix + "gate.e_score_correction_bias", count: experts.count) : []
        choicesPerToken = experts.perToken
    }

    /// The choices for every row of `workspace.normed`.
    func choices(in pass: ForwardPass) -> Choices {
        let workspace = pass.workspace
        linear.apply(workspace.normed.base, rows: pass.rows, into: workspace.routerLogits.base)
        let count = pass.rows * choicesPerToken
        workspace.chosen.resize(to: count, filler: 0)
        workspace.gates.resize(to: count, filler: 0)
        workspace.routed.removeAll(keepingCapacity: true)
        for row in 0..<pass.rows {
            choose(row: row, choices: row * choicesPerToken..<(row + 1) * choicesPerToken, in: pass)
        }
        return Choices(
            tokenCount: pass.rows, expertCount: linear.outputs, choicesPerToken: choicesPerToken,
            experts: workspace.chosen, gates: workspace.gates, logits: workspace.routed)
    }

    /// One token's best experts and gates.
    private func choose(row: Int, choices: Range<Int>, in pass: ForwardPass) {
        let workspace = pass.workspace
        let scores = UnsafeMutableBufferPointer(
            start: workspace.routerLogits.row(row), count: linear.outputs)
        if !isSoftmaxOfChosen { score(scores, in: pass) }
        let first = workspace.routed.count
        workspace.routed.append(contentsOf: scores)
        workspace.routed.withUnsafeMutableBufferPointer { routed in
            var routed = MutableSpan(_unsafeElements: routed[first...])
            for expert in choiceBias.indices { routed[expert] += choiceBias[expert] }
            gating.groupLimit?.close(&routed)
            workspace.chosen.withUnsafeMutableBufferPointer { chosen in
                var best = MutableSpan(_unsafeElements: chosen[choices])
                Choices.top(choicesPerToken, of: routed.span, into: &best)
            }
        }
        for choice in choices { workspace.gates[choice] = scores[workspace.chosen[choice]] }
        if isSoftmaxOfChosen {
            workspace.gates.withUnsafeMutableBufferPointer { gates in
                guard let base = gates.baseAddress else { return }
                pass.kernels.softmax(base + choices.lowerBound, count: choicesPerToken)
            }
        } else {
            scale(&workspace.gates, choices)
        }
    }

    /// Whether gates are the softmax over the chosen logits (Mixtral, arXiv 2401.04088).
    ///
    /// That equals the softmax over all experts, divided by the sum of the chosen ones.
    private var isSoftmaxOfChosen: Bool {
        gating == Gating(isNormalised: true)
    }

    private func score(_ logits: UnsafeMutableBufferPointer<Float>, in pass: ForwardPass) {
        guard let base = logits.baseAddress else { return }
        switch gating.score {
        case .softmax: pass.kernels.softmax(base, count: logits.count)
        case .sigmoid: pass.kernels.sigmoid(base, count: logits.count)
        }
    }

    private func scale(_ gates: inout [Float], _ choices: Range<Int>) {
        var factor = gating.scale
        if gating.isNormalised {
            // As in DeepSeek-V3: the sigmoids of all chosen experts may underflow to zero.
            factor /= gates[choices].reduce(0, +) + 1e-20
        }
        for choice in choices { gates[choice] *= factor }
    }
}

extension Array {
    /// Resizes the array to `count` within its capacity.
    fileprivate mutating func resize(to count: Int, filler: Element) {
        if self.count > count { removeLast(self.count - count) }
        append(contentsOf: repeatElement(filler, count: count - self.count))
    }
}
