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
    /// Index of its sequence's rule among the step's rules.
    public var rule: Int

    public init(sequence: Int, position: Int, promptCount: Int, isolation: Isolation, rule: Int = 0) {
        self.sequence = sequence
        self.position = position
        self.promptCount = promptCount
        self.isolation = isolation
        self.rule = rule
    }

    /// Whether the model produced this token, as opposed to the prompt.
    public var isGenerated: Bool { position >= promptCount }
}

/// Tokens that share expert capacity, under one rule.
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
    /// How the group's slots are counted and given out.
    public var rule: RoutingRule

    public init(kind: Kind, tokens: [Int], rule: RoutingRule) {
        self.kind = kind
        self.tokens = tokens
        self.rule = rule
    }

    /// Cuts a step's tokens, in batch order, into groups.
    ///
    /// Tokens of different rules never share a group. Within a rule:
    ///
    /// - `cross-sequence` tokens are cut into runs of the group size.
    /// - `per-sequence` prompts are cut at absolute positions that are multiples of the group size, and every
    ///   generated token is a group of its own. So a group never depends on what else is in the step.
    /// - `dropless` tokens, and generated ones if the rule does not limit those, form one unlimited group.
    ///
    /// Every token is in exactly one group. Groups come in the order of their first tokens. Linear time. The `rule` of a
    /// token is an index into `rules`.
    public static func groups(of tokens: [StepToken], under rules: [RoutingRule]) -> [RoutingGroup] {
        var cutter = GroupCutter(rules: rules)
        for (index, token) in tokens.enumerated() {
            cutter.add(token, at: index)
        }
        return cutter.groups
    }

    /// As ``groups(of:under:)-([StepToken],[RoutingRule])``, where the whole step has one rule.
    public static func groups(of tokens: [StepToken], under rule: RoutingRule) -> [RoutingGroup] {
        groups(of: tokens, under: [rule])
    }
}

/// The groups of a step while its tokens arrive in batch order.
private struct GroupCutter {
    /// A stretch of a prompt that is one group, whatever chunk brings it.
    struct Window: Hashable {
        let sequence: Int
        let firstPosition: Int
    }

    /// The groups of one rule that take more tokens: indices into `groups`.
    struct OpenGroups {
        let rule: RoutingRule
        var shared: Int?
        var unlimited: Int?
        var latestWindow: (window: Window, group: Int)?
        var windows: [Window: Int] = [:]
    }

    private(set) var groups: [RoutingGroup] = []
    private var open: [OpenGroups]

    init(rules: [RoutingRule]) {
        for rule in rules {
            precondition(rule.groupSize >= 1, "group size is \(rule.groupSize); validate the rule first")
        }
        open = rules.map { OpenGroups(rule: $0) }
    }

    mutating func add(_ token: StepToken, at index: Int) {
        let rule = open[token.rule].rule
        if token.isolation == .dropless || (token.isGenerated && !rule.limitsGeneratedTokens) {
            open[token.rule].unlimited = add(
                index, to: open[token.rule].unlimited, orNew: .unlimited, under: rule)
        } else if token.isolation == .crossSequence {
            if let full = open[token.rule].shared, groups[full].tokens.count == rule.groupSize {
                open[token.rule].shared = nil
            }
            open[token.rule].shared = add(index, to: open[token.rule].shared, orNew: .shared, under: rule)
        } else if token.isGenerated {
            _ = add(index, to: nil, orNew: .isolated(firstPosition: token.position), under: rule)
        } else {
            addPromptToken(token, at: index, under: rule)
        }
    }

    private mutating func addPromptToken(_ token: StepToken, at index: Int, under rule: RoutingRule) {
        let window = Window(
            sequence: token.sequence, firstPosition: token.position - token.position % rule.groupSize)
        if let latest = open[token.rule].latestWindow, latest.window == window {
            groups[latest.group].tokens.append(index)
            return
        }
        let group = add(
            index, to: open[token.rule].windows[window],
            orNew: .isolated(firstPosition: window.firstPosition), under: rule)
        open[token.rule].windows[window] = group
        open[token.rule].latestWindow = (window, group)
    }

    /// Adds a token to a group, opening one if there is none, and returns the group's index.
    private mutating func add(
        _ index: Int, to open: Int?, orNew kind: RoutingGroup.Kind, under rule: RoutingRule
    ) -> Int {
        if let open {
            groups[open].tokens.append(index)
            return open
        }
        groups.append(RoutingGroup(kind: kind, tokens: [index], rule: rule))
        return groups.count - 1
    }
}
