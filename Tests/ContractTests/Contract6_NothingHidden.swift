import ExpertRouting
import TestSupport
import Testing
import Transformer

/// Every dropped assignment is countable and attributable: layer, expert, group, the token that lost the slot
/// and the tokens that hold it.
@Suite struct `Contract 6: nothing hidden` {
    /// One step of 12 prompts on the trained model.
    private static func plans(_ rule: RoutingRule) throws -> [RoutingPlan] {
        let model = try Checkpoints.sparse()
        var runner = ModelRunner(model: model, stepTokens: 256, sequences: 12, contextLength: 64, blocks: 24)
        let chunks = (0..<12).map { index in
            let prompt = Prompts.random(count: 20, seed: UInt64(index))
            return StepChunk(
                tokens: prompt[...], firstPosition: 0, promptCount: 20,
                isolation: index < 10 ? .crossSequence : .perSequence, rule: rule,
                blocks: [Int32(2 * index), Int32(2 * index + 1)], wantsLogits: false)
        }
        return runner.forward(StepBatch(number: 0, chunks: chunks))
    }

    @Test(arguments: SlotPriority.allCases, [OverflowPolicy.residual, .renormalise])
    func `every assignment is kept or dropped, and the holders of a lost slot are named`(
        priority: SlotPriority, overflow: OverflowPolicy
    ) throws {
        var rule = RoutingRule.default
        rule.slotPriority = priority
        rule.overflow = overflow
        let plans = try Self.plans(rule)
        #expect(plans.count == 6)
        #expect(plans.contains { !$0.dropped.isEmpty })
        for plan in plans {
            #expect(plan.kept.count + plan.dropped.count == 12 * 20 * 2)
            for lost in plan.dropped {
                let group = plan.groups[lost.group]
                let holders = plan.holders(of: lost.expert, in: lost.group)
                #expect(group.tokens.contains(lost.token))
                #expect(
                    holders.count
                        == rule.capacity.slots(
                            tokens: group.tokens.count, experts: 8, choices: 2, groupSize: rule.groupSize))
                #expect(holders.allSatisfy(group.tokens.contains))
                #expect(!holders.contains(lost.token))
            }
        }
    }
}
