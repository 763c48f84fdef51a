/// One assignment that found a slot: token `token` is computed by `expert` and weighted by `gate`.
public struct KeptAssignment: Sendable, Hashable {
    public let token: Int
    public let choice: Int
    public let expert: Int
    /// Slot in the expert's buffer of this group.
    public let slot: Int
    public let group: Int
    public let gate: Float
}

/// One assignment that lost: its expert's slots in the group were taken.
public struct DroppedAssignment: Sendable, Hashable {
    public let token: Int
    public let choice: Int
    public let expert: Int
    public let group: Int
    public let gate: Float
}

/// The answer of the router for one layer of one step: who is computed by which expert, and who lost.
public struct RoutingPlan: Sendable, Hashable {
    public let groups: [RoutingGroup]
    /// Kept assignments, by token then choice.
    public let kept: [KeptAssignment]
    /// Dropped assignments, by group, then in the order in which they asked.
    public let dropped: [DroppedAssignment]

    /// The tokens that hold the slots of `expert` in `group`, by slot.
    public func holders(of expert: Int, in group: Int) -> [Int] { fatalError("stub") }

    /// Plans one layer. `step` and `layer` matter to the `random` priority only.
    public static func plan(
        _ choices: Choices, in groups: [RoutingGroup], under rule: RoutingRule, layer: Int, step: Int
    ) -> RoutingPlan { fatalError("stub") }
}
