import ExpertRouting

/// A random step: some sequences' tokens in batch order, what they chose, and a rule.
struct Scene {
    var tokens: [StepToken]
    /// What each token chose: unlike an index, it travels with the token.
    var asks: [Ask]
    let expertCount: Int
    let choicesPerToken: Int
    var rule: RoutingRule

    /// One token's row of `Choices`.
    struct Ask {
        let experts: [Int]
        let gates: [Float]
        let logits: [Float]
    }

    init(using random: inout some RandomNumberGenerator) {
        expertCount = [1, 2, 4, 8, 16].randomElement(using: &random) ?? 1
        choicesPerToken = Int.random(in: 1...min(expertCount, 4), using: &random)
        rule = RoutingRule.random(using: &random)
        tokens = []
        asks = []
        for sequence in 0..<Int.random(in: 1...8, using: &random) {
            let isolation = Isolation.allCases.randomElement(using: &random) ?? .dropless
            let prompt = Int.random(in: 1...30, using: &random)
            let chunk = Bool.random(using: &random) ? 0..<prompt : prompt..<prompt + 1
            for position in chunk {
                tokens.append(
                    StepToken(
                        sequence: sequence, position: position, promptCount: prompt, isolation: isolation))
                asks.append(Ask(experts: expertCount, choices: choicesPerToken, using: &random))
            }
        }
    }

    var choices: Choices {
        Choices(
            tokenCount: tokens.count, expertCount: expertCount, choicesPerToken: choicesPerToken,
            experts: asks.flatMap(\.experts), gates: asks.flatMap(\.gates), logits: asks.flatMap(\.logits))
    }

    var groups: [RoutingGroup] { RoutingGroup.groups(of: tokens, under: rule) }

    func plan(layer: Int = 1, step: Int = 1) -> RoutingPlan {
        RoutingPlan.plan(choices, in: groups, layer: layer, step: step)
    }

    /// The same step with only these of its tokens, in this order.
    func with(_ indices: [Int]) -> Scene {
        var scene = self
        scene.tokens = indices.map { tokens[$0] }
        scene.asks = indices.map { asks[$0] }
        return scene
    }
}

extension Scene.Ask {
    init(experts: Int, choices: Int, using random: inout some RandomNumberGenerator) {
        // Few distinct logits, skewed to the first experts: ties and over-full experts are common.
        logits = (0..<experts).map { Float(Int.random(in: 0...6, using: &random)) - Float($0) / 2 }
        let ranked = logits.indices.sorted { [logits] in (logits[$1], $0) < (logits[$0], $1) }
        self.experts = Array(ranked.prefix(choices))
        gates = self.experts.indices.map { choice in
            Float(Int.random(in: 1...8, using: &random)) / Float(8 << choice)
        }
    }
}

extension RoutingRule {
    static func random(using random: inout some RandomNumberGenerator) -> RoutingRule {
        RoutingRule(
            groupSize: Int.random(in: 1...16, using: &random),
            capacity: CapacityRule(
                factor: Double.random(in: 0.1...2, using: &random),
                minimum: Int.random(in: 0...2, using: &random),
                basis: CapacityBasis.allCases.randomElement(using: &random) ?? .tokens,
                formula: CapacityFormula.allCases.randomElement(using: &random) ?? .unlimited,
                rounding: CapacityRounding.allCases.randomElement(using: &random) ?? .up),
            slotPriority: SlotPriority.allCases.randomElement(using: &random) ?? .random,
            overflow: OverflowPolicy.allCases.randomElement(using: &random) ?? .residual,
            limitsGeneratedTokens: Bool.random(using: &random), seed: random.next())
    }
}

/// 300 scenes, the same in every run.
func forEachScene(_ check: (Scene) -> Void) {
    var random = SplitMix64(seed: 3)
    for _ in 0..<300 { check(Scene(using: &random)) }
}
