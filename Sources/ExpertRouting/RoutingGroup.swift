/// What grouping needs to know of one token of a step.
public struct StepToken: Sendable, Hashable {
    /// Tells the step's sequences apart (any number unique within the step).
    public var sequence: Int
    /// Position in its sequence, from 0.
    public var position: Int
    /// Tokens in its sequence's prompt; a token at or beyond it was generated.
    public var promptCount: Int
    public var isolation: Isolation
    public init(sequence: Int, position: Int, promptCount: Int, isolation: Isolation) {
        self.sequence = sequence
        self.position = position
        self.promptCount = promptCount
        self.isolation = isolation
    }
}

/// Tokens that share expert capacity.
public struct RoutingGroup: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case shared
        case isolated(firstPosition: Int)
        case unlimited
    }
    public var kind: Kind
    /// Indices into the step's tokens, ascending.
    public var tokens: [Int]
    /// Cuts a step's tokens, in batch order, into the groups of `rule`.
    public static func groups(of tokens: [StepToken], under rule: RoutingRule) -> [RoutingGroup] { fatalError("stub") }
}
