/// Which tokens compete for the same expert slots.
public enum Isolation: String, Sendable, Hashable, CaseIterable, Codable {
    /// Tokens of all sequences in the step share groups, so one request can change another.
    case crossSequence = "cross-sequence"
    /// Each sequence forms its own groups, so no other sequence can change it.
    case perSequence = "per-sequence"
    /// No capacity: nothing is ever dropped.
    case dropless
}

/// What grouping needs to know about one token of a step.
public struct StepToken: Sendable, Hashable {
    /// Identifies the sequence; unique within the step.
    public var sequence: Int
    /// Position in its sequence, from 0.
    public var position: Int
    /// Length of its sequence's prompt, in tokens.
    ///
    /// Tokens at or after this position were generated.
    public var promptCount: Int
    /// The isolation of its sequence.
    public var isolation: Isolation
    /// Index of its sequence's rule among the step's rules.
    public var rule: Int

    public init(sequence: Int, position: Int, promptCount: Int, isolation: Isolation, rule: Int = 0) {
        self.sequence = sequence
        self.position = position
        self.promptCount = promptCount
        self.isolation = isolation
        self.rule = rule
    }

    /// Whether the model generated this token; otherwise it belongs to the prompt.
    public var isGenerated: Bool { position >= promptCount }
}

/// Tokens that share expert capacity, under one rule.
public struct RoutingGroup: Sendable, Hashable {
    /// Which tokens may be in a group, and whether it has a capacity.
    public enum Kind: Sendable, Hashable {
        /// Tokens of any sequences, with a capacity.
        case shared
        /// Tokens of one sequence, with a capacity. `firstPosition` is the position in the sequence where the group
        /// starts: a multiple of the group size in a prompt, the token's own position for a generated token.
        case isolated(firstPosition: Int)
        /// Tokens of any sequences, without a capacity.
        case unlimited
    }

    /// Which tokens may be in it, and whether it has a capacity.
    public var kind: Kind
    /// Indices into the step's tokens, ascending.
    public var tokens: [Int]
    /// How the group's slots are counted and given out.
    public var rule: RoutingRule

    public init(kind: Kind, tokens: [Int], rule: RoutingRule) {
        self.kind = kind
        self.tokens = tokens
        self.rule = rule
    }

    /// Cuts a step's tokens, in batch order, into groups.
    ///
    /// Tokens of different rules never share a group; a token's `rule` is an index into `rules`. Within a rule:
    ///
    /// - `cross-sequence`: all tokens together, in runs of the group size.
    /// - `per-sequence`: each prompt by itself, at absolute positions that are multiples of the group size. Every
    ///   generated token is a group of its own. So a group never depends on what else is in the step.
    /// - `dropless`: one group without capacity. If the rule does not limit generated tokens, those go here too.
    ///
    /// Every token is in exactly one group. Groups are ordered by their first tokens.
    ///
    /// - Complexity: O(R·T) for R rules, of which a step has one unless the rule has just changed.
    public static func groups(of tokens: [StepToken], under rules: [RoutingRule]) -> [RoutingGroup] {
        var groups: [RoutingGroup] = []
        for (number, rule) in rules.enumerated() {
            var cutter = GroupCutter(rule: rule)
            for (index, token) in tokens.enumerated() where token.rule == number {
                cutter.add(token, at: index)
            }
            if groups.isEmpty { groups = cutter.groups } else { groups += cutter.groups }
        }
        if rules.count > 1 { groups.sort { $0.tokens[0] < $1.tokens[0] } }
        return groups
    }

    /// As ``groups(of:under:)-([StepToken],[RoutingRule])``, where the whole step has one rule.
    public static func groups(of tokens: [StepToken], under rule: RoutingRule) -> [RoutingGroup] {
        groups(of: tokens, under: [rule])
    }
}

/// The groups of one rule while its tokens arrive in batch order.
private struct GroupCutter {
    /// Part of a prompt that is one group, even if several chunks contain it.
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

    init(rule: RoutingRule) {
        precondition(rule.groupSize >= 1, "group size is \(rule.groupSize); validate the rule first")
        self.rule = rule
    }

    mutating func add(_ token: StepToken, at index: Int) {
        if token.isolation == .dropless || (token.isGenerated && !rule.limitsGeneratedTokens) {
            unlimited = add(index, to: unlimited, orNew: .unlimited)
        } else if token.isolation == .crossSequence {
            if let full = shared, groups[full].tokens.count == rule.groupSize { shared = nil }
            shared = add(index, to: shared, orNew: .shared)
        } else if token.isGenerated {
            _ = add(index, to: nil, orNew: .isolated(firstPosition: token.position))
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
        groups.append(RoutingGroup(kind: kind, tokens: [index], rule: rule))
        return groups.count - 1
    }
}
