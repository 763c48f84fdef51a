/// The order in which a group's assignments ask for slots.
///
/// It decides who loses when an expert is over-full.
public enum SlotPriority: String, Sendable, Hashable, CaseIterable, Codable {
    /// All first choices in token order, then all second choices, and so on (GShard, DeepSpeed top-2).
    case choiceMajor = "choice-major"
    /// Token by token, each token's choices in order (MegaBlocks).
    case tokenMajor = "token-major"
    /// Largest gate first, of any choice. Ties: token order, then choice order (Megatron-Core `probs`).
    case gate
    /// Tokens by falling first gate (ties in token order), then choice-major in that order (V-MoE batch prioritised
    /// routing). Unlike with `gate`, no second choice asks before a first one.
    case batchPrioritised = "batch-prioritised"
    /// A permutation that depends only on (seed, layer, step) in shared groups and on (seed, layer, first position) in
    /// isolated ones (DeepSpeed random token selection).
    case random
}

/// Orders the assignments of one group after another, in memory that is reused.
///
/// An assignment is its index t·K + c into the arrays of `Choices`. Ascending indices are token order, then choice
/// order.
struct SlotOrder {
    private(set) var assignments: [Int] = []

    /// Sorts the group's assignments into asking order.
    ///
    /// Only `random` uses `shuffle`.
    ///
    /// The standard library's sort is stable, so equal gates keep token order, then choice order.
    mutating func arrange(
        _ group: RoutingGroup, of choices: Choices, by priority: SlotPriority, shuffle: SeededShuffle
    ) {
        assignments.removeAll(keepingCapacity: true)
        switch priority {
        case .choiceMajor:
            appendChoiceMajor(group.tokens, choicesPerToken: choices.choicesPerToken)
        case .tokenMajor:
            appendTokenMajor(group.tokens, choicesPerToken: choices.choicesPerToken)
        case .gate:
            appendTokenMajor(group.tokens, choicesPerToken: choices.choicesPerToken)
            assignments.sort { choices.gates[$0].isLarger(than: choices.gates[$1]) }
        case .batchPrioritised:
            let width = choices.choicesPerToken
            let tokens = group.tokens.sorted {
                choices.gates[$0 * width].isLarger(than: choices.gates[$1 * width])
            }
            appendChoiceMajor(tokens, choicesPerToken: width)
        case .random:
            appendTokenMajor(group.tokens, choicesPerToken: choices.choicesPerToken)
            shuffle.permute(&assignments)
        }
    }

    private mutating func appendChoiceMajor(_ tokens: [Int], choicesPerToken: Int) {
        for choice in 0..<choicesPerToken {
            for token in tokens {
                assignments.append(token * choicesPerToken + choice)
            }
        }
    }

    private mutating func appendTokenMajor(_ tokens: [Int], choicesPerToken: Int) {
        for token in tokens {
            for choice in 0..<choicesPerToken {
                assignments.append(token * choicesPerToken + choice)
            }
        }
    }
}
