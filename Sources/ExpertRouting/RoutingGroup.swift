/// Whose tokens compete for expert capacity.
public enum Isolation: String, Sendable, Hashable, CaseIterable, Codable {
    /// Tokens of every sequence in the step share groups: strangers compete.
    case crossSequence = "cross-sequence"
    /// Each sequence forms its own groups: a neighbour can change nothing.
    case perSequence = "per-sequence"
    /// No capacity at all: nothing is ever dropped.
    case dropless
}

/// What grouping needs to know of one token of a step.
public struct StepToken: Sendable, Hashable {
    /// Tells the step's sequences apart (any number unique within the step).
    public var sequence: Int
    /// Position in its sequence, from 0.
    public var position: Int
    /// Tokens in its sequence's prompt; a token at or beyond it was generated.
    public var promptCount: Int
    /// Whose tokens it competes with.
    public var isolation: Isolation

    public init(sequence: Int, position: Int, promptCount: Int, isolation: Isolation) {
        self.sequence = sequence
        self.position = position
        self.promptCount = promptCount
        self.isolation = isolation
    }

    /// Whether the model produced this token, as opposed to the prompt.
    public var isGenerated: Bool { position >= promptCount }
}

/// Tokens that share expert capacity.
public struct RoutingGroup: Sendable, Hashable {
    /// Who may be in a group, and what bounds it.
    public enum Kind: Sendable, Hashable {
        /// Tokens of any sequences.
        case shared
        /// Tokens of one sequence. `firstPosition` is where the group begins in it: a multiple of the group
        /// size in a prompt, the token's own position for a generated token.
        case isolated(firstPosition: Int)
        /// Tokens of any sequences, with a slot for everyone.
        case unlimited
    }

    /// Who shares it, and so whether capacity binds it.
    public var kind: Kind
    /// Indices into the step's tokens, ascending.
    public var tokens: [Int]

    public init(kind: Kind, tokens: [Int]) {
        self.kind = kind
        self.tokens = tokens
    }

    /// Cuts a step's tokens, in batch order, into the groups of `rule`.
    ///
    /// - `cross-sequence` tokens are cut into runs of the group size.
    /// - `per-sequence` prompts are cut at absolute positions that are multiples of the group size, and every
    ///   generated token is a group of its own; so a group never depends on what else is in the step.
    /// - `dropless` tokens, and generated ones if the rule does not limit those, form one unlimited group.
    ///
    /// Every token is in exactly one group. Groups come in the order of their first tokens. Linear time.
    public static func groups(of tokens: [StepToken], under rule: RoutingRule) -> [RoutingGroup] {
        precondition(rule.groupSize >= 1, "group size is \(rule.groupSize); validate the rule first")
        var cutter = GroupCutter(rule: rule)
        for (index, token) in tokens.enumerated() {
            cutter.add(token, at: index)
        }
        return cutter.groups
    }
}

/// The groups of a step while its tokens arrive in batch order.
private struct GroupCutter {
    /// A stretch of a prompt that is one group, whatever chunk brings it.
    struct Window: Hashable {
        let sequence: Int
        let firstPosition: Int
    }

    let rule: RoutingRule
    private(set) var groups: [RoutingGroup] = []
    private var shared: Int?
    private var unlimited: Int?
    private var latestWindow: (window: Window, group: Int)?
    private var windows: [Window: Int] = [:]

    init(rule: RoutingRule) { self.rule = rule }

    mutating func add(_ token: StepToken, at index: Int) {
        if token.isolation == .dropless || (token.isGenerated && !rule.limitsGeneratedTokens) {
            unlimited = add(index, to: unlimited, orNew: .unlimited)
        } else if token.isolation == .crossSequence {
            if let full = shared, groups[full].tokens.count == rule.groupSize { shared = nil }
            shared = add(index, to: shared, orNew: .shared)
        } else if token.isGenerated {
            groups.append(RoutingGroup(kind: .isolated(firstPosition: token.position), tokens: [index]))
        } else {
            addPromptToken(token, at: index)
        }
    }

    private mutating func addPromptToken(_ token: StepToken, at index: Int) {
        let window = Window(
            sequence: token.sequence, firstPosition: token.position - token.position % rule.groupSize)
        if let latestWindow, latestWindow.window == window {
            groups[latestWindow.group].tokens.append(index)
            return
        }
        let group = add(
            index, to: windows[window], orNew: .isolated(firstPosition: window.firstPosition))
        windows[window] = group
        latestWindow = (window, group)
    }

    /// Adds a token to a group, opening one if there is none, and returns the group's index.
    private mutating func add(_ index: Int, to open: Int?, orNew kind: RoutingGroup.Kind) -> Int {
        if let open {
            groups[open].tokens.append(index)
            return open
        }
        groups.append(RoutingGroup(kind: kind, tokens: [index]))
        return groups.count - 1
    }
}
