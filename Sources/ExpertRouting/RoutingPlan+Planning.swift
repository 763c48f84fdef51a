extension RoutingPlan {
    /// Plans one layer.
    ///
    /// In each group, assignments ask for slots in priority order, and the overflow policy handles those that find
    /// none.
    ///
    /// `groups` must come from ``RoutingGroup/groups(of:under:)``, so that each token of the step is in exactly one.
    /// Each group is planned under its own rule, and groups share no slots: what happens in one never changes another.
    /// Only the `random` priority reads `layer` and `step`.
    ///
    /// - Complexity: O(T·K) for `choice-major`, `token-major` and `random`; the other priorities sort. `reroute` adds
    ///   O(E·K) for each lost assignment.
    public static func plan(
        _ choices: Choices, in groups: [RoutingGroup], layer: Int, step: Int
    ) -> RoutingPlan {
        var plan = RoutingPlan()
        var planner = RoutingPlanner()
        planner.recordsFates = true
        planner.plan(choices, in: groups, layer: layer, step: step, into: &plan)
        return plan
    }
}

/// Plans layer after layer and reuses its memory: a step no larger than an earlier one allocates nothing.
public struct RoutingPlanner {
    /// Whether plans have ``RoutingPlan/fates``.
    public var recordsFates: Bool {
        get { draft.recordsFates }
        set { draft.recordsFates = newValue }
    }

    private var draft = PlanDraft()
    private var order = SlotOrder()

    public init() {}

    /// As ``RoutingPlan/plan(_:in:layer:step:)``, but overwrites `plan`.
    public mutating func plan(
        _ choices: Choices, in groups: [RoutingGroup], layer: Int, step: Int, into plan: inout RoutingPlan
    ) {
        precondition(
            groups.reduce(0) { $0 + $1.tokens.count } == choices.tokenCount,
            "the groups must hold each of the step's \(choices.tokenCount) tokens once")
        draft.begin(choices)
        for (number, group) in groups.enumerated() {
            let shuffle = SeededShuffle(
                seed: group.rule.seed, layer: layer, moment: group.kind.firstPosition ?? step)
            order.arrange(group, of: choices, by: group.rule.slotPriority, shuffle: shuffle)
            draft.open(group: number, capacity: group.slots(for: choices))
            draft.ask(order.assignments)
            draft.settle(group.rule.overflow)
            draft.close()
        }
        draft.finish(groups, into: &plan)
    }
}

extension RoutingGroup {
    /// C: the slots of each expert in this group.
    fileprivate func slots(for choices: Choices) -> Int {
        guard kind != .unlimited else { return tokens.count }
        return rule.capacity.slots(
            tokens: tokens.count, experts: choices.expertCount, choices: choices.choicesPerToken,
            groupSize: rule.groupSize)
    }
}

extension RoutingGroup.Kind {
    /// Where an isolated group starts in its sequence.
    fileprivate var firstPosition: Int? {
        guard case .isolated(let firstPosition) = self else { return nil }
        return firstPosition
    }
}
