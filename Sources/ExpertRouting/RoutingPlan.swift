/// Which expert computes which token in one layer of one step, and which tokens lost.
///
/// A router lets every token choose a few experts. Each choice is an *assignment*. An expert has a fixed number of
/// slots per group of tokens. An assignment that asks when its expert's slots are all taken is *dropped*.
///
/// Here each token chooses one expert, and each of the two experts has two slots:
///
/// ```
/// token   chooses          expert   slots
/// a       0                0        a  b
/// b       0                1        d  -
/// c       0                dropped: c, which wanted expert 0
/// d       1
/// ```
///
/// `c` lost because `a` and `b` asked first. If `a` and `b` belong to other users' requests, those requests have
/// changed the completion of the user who sent `c`. That is the effect this project is about.
///
/// The letters used throughout this module:
///
/// | letter | meaning |
/// |---|---|
/// | **T** | tokens: of the step in array shapes, of one group in formulas |
/// | **E** | experts in the layer |
/// | **K** | choices of each token, best first; a step has T·K assignments |
/// | **C** | capacity: slots of each expert in a group |
///
/// The steps, in reading order: ``RoutingGroup`` decides which tokens compete, ``CapacityRule`` how many slots there
/// are, ``SlotPriority`` who asks first, ``OverflowPolicy`` what happens to the losers.
public struct RoutingPlan: Sendable, Hashable {
    /// The planned groups.
    ///
    /// `group` in an assignment is an index into them.
    public internal(set) var groups: [RoutingGroup] = []
    /// Kept assignments, by token, then by choice.
    public internal(set) var kept: [KeptAssignment] = []
    /// Dropped assignments, by group, then in the order in which they asked.
    public internal(set) var dropped: [DroppedAssignment] = []
    /// Every assignment that its chosen expert did not compute: by group, the rerouted before the lost.
    ///
    /// Each kind is in the order in which they asked. Empty unless ``RoutingPlanner/recordsFates``.
    public internal(set) var fates: [Fate] = []

    /// A plan of no tokens.
    public init() {}

    /// The tokens that hold the slots of `expert` in `group`, by slot: those that a dropped assignment lost to.
    public func holders(of expert: Int, in group: Int) -> [Int] {
        kept.filter { $0.expert == expert && $0.group == group }
            .sorted { $0.slot < $1.slot }
            .map(\.token)
    }
}

/// An assignment that got a slot: `expert` computes `token`, and its output is weighted by `gate`.
public struct KeptAssignment: Sendable, Hashable {
    /// Index into the step's tokens.
    public let token: Int
    /// Index of the choice, 0 for the token's best.
    public let choice: Int
    /// The expert that computes the token.
    public let expert: Int
    /// Slot among the expert's slots in this group, from 0.
    public let slot: Int
    /// Index into the plan's groups.
    public let group: Int
    /// Weight of the expert's output.
    ///
    /// Differs from the router's gate if the rule renormalises.
    public let gate: Float
    /// The expert that the token chose.
    ///
    /// Differs from `expert` if the assignment was rerouted.
    public let chosenExpert: Int

    /// Whether the chosen expert was full and another one computes the token.
    public var isRerouted: Bool { expert != chosenExpert }
}

/// An assignment that got no slot: all slots of its expert in the group were taken.
public struct DroppedAssignment: Sendable, Hashable {
    /// Index into the step's tokens.
    public let token: Int
    /// Index of the choice, 0 for the token's best.
    public let choice: Int
    /// The expert that was full.
    public let expert: Int
    /// Index into the plan's groups.
    public let group: Int
    /// The weight that the expert's output would have had.
    public let gate: Float
}
