import ExpertRouting
import Testing

/// What must hold for every step and every rule.
@Suite struct RoutingPlanTests {
    @Test func `every assignment is either kept or dropped`() {
        forEachScene { scene in
            let plan = scene.plan()
            let kept = plan.kept.map { [$0.token, $0.choice] }
            let dropped = plan.dropped.map { [$0.token, $0.choice] }
            let all = scene.tokens.indices.flatMap { token in
                (0..<scene.choicesPerToken).map { [token, $0] }
            }
            #expect(Set(kept + dropped) == Set(all))
            #expect(kept.count + dropped.count == all.count)
            #expect(kept == kept.sorted { $0.lexicographicallyPrecedes($1) })
        }
    }

    @Test func `no slot is given twice and none beyond the capacity`() {
        forEachScene { scene in
            let plan = scene.plan()
            for (index, group) in plan.groups.enumerated() {
                let count = group.tokens.count
                let capacity = scene.rule.capacity.slots(
                    tokens: count, experts: scene.expertCount, choices: scene.choicesPerToken,
                    groupSize: scene.rule.groupSize)
                for expert in 0..<scene.expertCount {
                    let here = plan.kept.filter { $0.group == index && $0.expert == expert }
                    #expect(here.map(\.slot).sorted() == Array(0..<here.count))
                    #expect(here.count <= (group.kind == .unlimited ? count : capacity))
                    #expect(Set(here.map(\.token)).count == here.count)
                }
            }
        }
    }

    @Test func `a dropped assignment names an expert whose slots are all held`() {
        forEachScene { scene in
            let plan = scene.plan()
            let choices = scene.choices
            for lost in plan.dropped {
                let group = plan.groups[lost.group]
                let index = lost.token * scene.choicesPerToken + lost.choice
                #expect(group.tokens.contains(lost.token))
                #expect(lost.expert == choices.experts[index])
                #expect(lost.gate == choices.gates[index])
                let capacity = scene.rule.capacity.slots(
                    tokens: group.tokens.count, experts: scene.expertCount,
                    choices: scene.choicesPerToken, groupSize: scene.rule.groupSize)
                let holders = plan.holders(of: lost.expert, in: lost.group)
                #expect(holders.count == capacity)
                #expect(holders.allSatisfy(group.tokens.contains))
            }
        }
    }

    @Test func `holders are listed by slot, and there are none where there is no such group`() throws {
        let drawing = try Drawing(
            """
            tokens  1st   | 2 slots | expert 0: c b
            a        0:.1 | gate    | dropped : a→0
            b        0:.5 |         |
            c        0:.9 |         |
            """)
        let group = RoutingGroup(kind: .shared, tokens: [0, 1, 2], rule: drawing.rule)
        let plan = RoutingPlan.plan(drawing.choices, in: [group], layer: 0, step: 0)
        #expect(plan.holders(of: 0, in: 0) == [2, 1])
        #expect(plan.holders(of: 1, in: 0).isEmpty)
        #expect(plan.holders(of: 0, in: 1).isEmpty)
    }

    @Test func `a fate says who lost, what became of it, and who holds the slots`() throws {
        let drawing = try Drawing(
            """
            tokens  1st 2nd | 1 slot      | expert 0: a
            a        0   1  | token-major | expert 1: a
            b        0   1  | residual    | dropped : b→0 b→1
            """)
        let group = RoutingGroup(kind: .shared, tokens: [0, 1], rule: drawing.rule)
        let plan = RoutingPlan.plan(drawing.choices, in: [group], layer: 0, step: 0)
        #expect(
            plan.fates.map { [$0.token, $0.choice, $0.chosenExpert, $0.group] } == [
                [1, 0, 0, 0], [1, 1, 1, 0],
            ])
        #expect(plan.fates.allSatisfy { $0.outcome == .lost && $0.holders == [0] })
    }

    @Test func `every assignment that its expert did not compute has one fate, and no other has`() {
        forEachScene { scene in
            let plan = scene.plan()
            let lost = plan.fates.filter { $0.outcome == .lost }
            #expect(
                lost.map { [$0.token, $0.choice, $0.chosenExpert, $0.group] }
                    == plan.dropped.map { [$0.token, $0.choice, $0.expert, $0.group] })
            let rerouted = plan.kept.filter(\.isRerouted)
            #expect(plan.fates.count == lost.count + rerouted.count)
            for kept in rerouted {
                #expect(
                    plan.fates.contains {
                        $0.token == kept.token && $0.choice == kept.choice
                            && $0.outcome == .rerouted(to: kept.expert)
                    })
            }
            for fate in plan.fates {
                #expect(fate.holders == plan.holders(of: fate.chosenExpert, in: fate.group))
            }
        }
    }

    @Test func `a group has the same outcome without the other groups`() {
        forEachScene { scene in
            let plan = scene.plan()
            for (index, group) in plan.groups.enumerated() {
                let alone = scene.with(group.tokens)
                let planAlone = RoutingPlan.plan(
                    alone.choices,
                    in: [
                        RoutingGroup(
                            kind: group.kind, tokens: Array(group.tokens.indices), rule: scene.rule)
                    ], layer: 1, step: 1)
                #expect(
                    outcomes(of: group.tokens, in: plan)
                        == outcomes(of: Array(alone.tokens.indices), in: planAlone))
                #expect(planAlone.dropped.count == plan.dropped.count { $0.group == index })
            }
        }
    }

    @Test func `a per-sequence sequence has the same outcome whatever else is in the step, in any order`() {
        var random = SplitMix64(seed: 4)
        forEachScene { scene in
            let plan = scene.plan(step: 1)
            for sequence in Set(scene.tokens.map(\.sequence)) {
                let own = scene.tokens.indices.filter { scene.tokens[$0].sequence == sequence }
                guard scene.tokens[own[0]].isolation == .perSequence else { continue }
                let others = scene.tokens.indices.filter { scene.tokens[$0].sequence != sequence }
                let company = others.filter { _ in Bool.random(using: &random) }
                var order = (own + company).shuffled(using: &random)
                let places = order.indices.filter { own.contains(order[$0]) }
                for (place, index) in zip(places, own) { order[place] = index }
                let planElsewhere = scene.with(order).plan(step: 2)
                #expect(outcomes(of: places, in: planElsewhere) == outcomes(of: own, in: plan))
            }
        }
    }

    @Test func `alone, both isolations give the same outcome`() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<300 {
            var scene = Scene(using: &random)
            guard scene.rule.slotPriority != .random else { continue }
            scene = scene.with(scene.tokens.indices.filter { scene.tokens[$0].sequence == 0 })
            let plans = [Isolation.crossSequence, .perSequence].map { isolation in
                var scene = scene
                for index in scene.tokens.indices { scene.tokens[index].isolation = isolation }
                return scene.plan()
            }
            #expect(plans[0].kept == plans[1].kept)
            #expect(plans[0].dropped == plans[1].dropped)
        }
    }

    @Test func `a factor of E over K drops nothing and changes no gate`() {
        forEachScene { scene in
            var scene = scene
            scene.rule.capacity = CapacityRule(
                factor: Double(scene.expertCount) / Double(scene.choicesPerToken), minimum: 0)
            let plan = scene.plan()
            #expect(plan.dropped.isEmpty)
            #expect(plan.kept.map(\.gate) == scene.choices.gates)
            #expect(plan.kept.map(\.expert) == scene.choices.experts)
        }
    }

    @Test func `dropless tokens keep everything under any rule`() {
        forEachScene { scene in
            let plan = scene.plan()
            for lost in plan.dropped {
                #expect(scene.tokens[lost.token].isolation != .dropless)
            }
        }
    }

    @Test func `an empty step has an empty plan`() {
        let choices = Choices(
            tokenCount: 0, expertCount: 8, choicesPerToken: 2, experts: [], gates: [], logits: [])
        let plan = RoutingPlan.plan(choices, in: [], layer: 0, step: 0)
        #expect(plan.kept.isEmpty && plan.dropped.isEmpty && plan.groups.isEmpty)
    }

    @Test func `choices of the wrong shape stop the program with a reason`() async {
        await #expect(processExitsWith: .failure) {
            _ = Choices(
                tokenCount: 1, expertCount: 2, choicesPerToken: 1, experts: [0], gates: [1], logits: [])
        }
    }

    /// What each of these tokens is computed from: all that can reach its completion.
    private func outcomes(of tokens: [Int], in plan: RoutingPlan) -> [[Outcome]] {
        tokens.map { token in
            plan.kept.filter { $0.token == token }
                .map { Outcome(choice: $0.choice, expert: $0.expert, gate: $0.gate) }
        }
    }

    private struct Outcome: Equatable {
        let choice: Int
        let expert: Int
        let gate: Float
    }
}
