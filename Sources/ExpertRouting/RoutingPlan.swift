/// The answer of the router for one layer of one step: who is computed by which expert, and who lost.
///
/// The letters used throughout this module:
///
/// | axis | means |
/// |---|---|
/// | **T** | tokens: of the step in arrays, of one group in formulas |
/// | **E** | experts of the layer |
/// | **K** | choices of each token, best first |
/// | **C** | capacity: the slots each expert has in a group |
///
/// A token's choice of an expert is an *assignment*; there are T·K of them. Each is either kept, in a
/// slot of its expert, or dropped, because tokens of the same group had taken every slot:
///
/// ```
/// tokens  1st 2nd          2 experts, 2 slots each          expert 0: a b
/// a         0                                               expert 1: d
/// b         0                                               dropped : c→0
/// c         0
/// d         1
/// ```
///
/// Had `a` or `b` been served at another moment, `c` would have been computed by expert 0.
public struct RoutingPlan: Sendable, Hashable {
    /// The groups that were planned; `group` in an assignment is an index into them.
    public internal(set) var groups: [RoutingGroup] = []
    /// Kept assignments, by token then choice.
    public internal(set) var kept: [KeptAssignment] = []
    /// Dropped assignments, by group, then in the order in which they asked.
    public internal(set) var dropped: [DroppedAssignment] = []
    /// Every assignment that its chosen expert did not compute: by group, the rerouted before the lost.
    ///
    /// Each kind is in the order in which they asked. Empty unless ``RoutingPlanner/recordsFates``.
    public internal(set) var fates: [Fate] = []

    /// The plan of no token.
    public init() {}

    /// The tokens that hold the slots of `expert` in `group`, by slot: the ones a dropped assignment lost to.
    public func holders(of expert: Int, in group: Int) -> [Int] {
        kept.filter { $0.expert == expert && $0.group == group }
            .sorted { $0.slot < $1.slot }
            .map(\.token)
    }
}

/// One assignment that found a slot: token `token` is computed by `expert` and weighted by `gate`.
public struct KeptAssignment: Sendable, Hashable {
    /// Index into the step's tokens.
    public let token: Int
    /// Which of the token's choices, 0 being its best.
    public let choice: Int
    /// The expert that computes the token.
    public let expert: Int
    /// Slot in the expert's buffer of this group, from 0.
    public let slot: Int
    /// Index into the plan's groups.
    public let group: Int
    /// The weight of the expert's output; not the router's gate if the rule renormalises.
    public let gate: Float
    /// The expert the token chose; not `expert` if the assignment was rerouted.
    public let chosenExpert: Int

    /// Whether the chosen expert was full and the assignment went to the next best one.
    public var isRerouted: Bool { expert != chosenExpert }
}

/// One assignment that lost: its expert's slots in the group were taken.
public struct DroppedAssignment: Sendable, Hashable {
    /// Index into the step's tokens.
    public let token: Int
    /// Which of the token's choices, 0 being its best.
    public let choice: Int
    /// The expert that was full.
    public let expert: Int
    /// Index into the plan's groups.
    public let group: Int
    /// The weight the expert's output would have had.
    public let gate: Float
}
