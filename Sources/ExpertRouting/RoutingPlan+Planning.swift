extension RoutingPlan {
    /// Plans one layer. In each group, assignments ask for slots in priority order, and the overflow policy handles
    /// those that find none.
    ///
    /// `groups` must come from ``RoutingGroup/groups(of:under:)``, so that each token of the step is in exactly one.
    /// Groups share no slots: what happens in one never changes another. Only the `random` priority reads `layer` and
    /// `step`.
    ///
    /// - Complexity: O(T·K) for `choice-major`, `token-major` and `random`; the other priorities sort. `reroute` adds
    /// O(E·K) for each lost assignment.
    public static func plan(
        _ choices: Choices, in groups: [RoutingGroup], under rule: RoutingRule, layer: Int, step: Int
    ) -> RoutingPlan {
        var plan = RoutingPlan()
        var planner = RoutingPlanner()
        planner.plan(choices, in: groups, under: rule, layer: layer, step: step, into: &plan)
        return plan
    }
}

/// Plans layer after layer and reuses its memory: a step no larger than an earlier one allocates nothing.
public struct RoutingPlanner {
    private var draft = PlanDraft()
    private var order = SlotOrder()

    public init() {}

    /// As ``RoutingPlan/plan(_:in:under:layer:step:)``, but overwrites `plan`.
    public mutating func plan(
        _ choices: Choices, in groups: [RoutingGroup], under rule: RoutingRule, layer: Int, step: Int,
        into plan: inout RoutingPlan
    ) {
        precondition(
            groups.reduce(0) { $0 + $1.tokens.count } == choices.tokenCount,
            "the groups must hold each of the step's \(choices.tokenCount) tokens once")
        draft.begin(choices)
        for (number, group) in groups.enumerated() {
            let shuffle = SeededShuffle(
                seed: rule.seed, layer: layer, moment: group.kind.firstPosition ?? step)
            order.arrange(group, of: choices, by: rule.slotPriority, shuffle: shuffle)
            draft.open(group: number, capacity: rule.slots(in: group, of: choices))
            draft.ask(order.assignments)
            draft.settle(rule.overflow)
            draft.close()
        }
        draft.finish(groups, into: &plan)
    }
}

extension RoutingRule {
    /// C: the slots of each expert in `group`.
    fileprivate func slots(in group: RoutingGroup, of choices: Choices) -> Int {
        guard group.kind != .unlimited else { return group.tokens.count }
        return capacity.slots(
            tokens: group.tokens.count, experts: choices.expertCount, choices: choices.choicesPerToken,
            groupSize: groupSize)
    }
}

extension RoutingGroup.Kind {
    /// Where an isolated group starts in its sequence.
    fileprivate var firstPosition: Int? {
        guard case .isolated(let firstPosition) = self else { return nil }
        return firstPosition
    }
}
