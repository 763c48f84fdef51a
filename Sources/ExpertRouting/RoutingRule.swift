/// Whose tokens compete for expert capacity.
public enum Isolation: String, Sendable, Hashable, CaseIterable, Codable {
    /// Tokens of every sequence in the step share groups: strangers compete.
    case crossSequence = "cross-sequence"
    /// Each sequence forms its own groups: a neighbour can change nothing.
    case perSequence = "per-sequence"
    /// No capacity at all: nothing is ever dropped.
    case dropless
}

/// The order in which a group's assignments ask for a slot.
public enum SlotPriority: String, Sendable, Hashable, CaseIterable, Codable {
    case choiceMajor = "choice-major"
    case tokenMajor = "token-major"
    case gate
    case batchPrioritised = "batch-prioritised"
    case random
}

/// What becomes of an assignment that finds its expert full.
public enum OverflowPolicy: String, Sendable, Hashable, CaseIterable, Codable {
    case residual
    case renormalise
    case reroute
}

/// The knobs of capacity-limited routing.
public struct RoutingRule: Sendable, Hashable {
    public var groupSize: Int
    public var capacity: CapacityRule
    public var slotPriority: SlotPriority
    public var overflow: OverflowPolicy
    /// Whether generated tokens compete too (`false`: capacity binds prompts only).
    public var limitsGeneratedTokens: Bool
    /// Seed of the `random` slot priority.
    public var seed: UInt64
}
