public import ExpertRouting
public import Tokenizers

/// One sequence's part of a step: consecutive tokens that are computed now.
public struct StepChunk: Sendable {
    /// The tokens at positions `firstPosition ..< firstPosition + tokens.count`.
    public let tokens: ArraySlice<TokenID>
    public let firstPosition: Int
    /// Tokens in the sequence's prompt; positions beyond it were generated.
    public let promptCount: Int
    public let isolation: Isolation
    /// The rule that its tokens are routed under.
    public let rule: RoutingRule
    /// KV blocks of the sequence: block `i` holds positions 16·i ..< 16·(i + 1), up to the chunk's last.
    public let blocks: [Int32]
    /// Whether the logits after the chunk's last token are wanted.
    public let wantsLogits: Bool

    public init(
        tokens: ArraySlice<TokenID>, firstPosition: Int, promptCount: Int, isolation: Isolation,
        rule: RoutingRule, blocks: [Int32], wantsLogits: Bool
    ) {
        self.tokens = tokens
        self.firstPosition = firstPosition
        self.promptCount = promptCount
        self.isolation = isolation
        self.rule = rule
        self.blocks = blocks
        self.wantsLogits = wantsLogits
    }
}

/// What one forward pass computes: chunks of several sequences, in batch order.
public struct StepBatch: Sendable {
    public let number: Int
    public let chunks: [StepChunk]
    /// The chunks' rules, each once, in the order in which they come.
    public let rules: [RoutingRule]
    /// The chunks' tokens as routing sees them; `sequence` is the chunk's index.
    public let tokens: [StepToken]

    public init(number: Int, chunks: [StepChunk]) {
        self.number = number
        self.chunks = chunks
        var rules: [RoutingRule] = []
        tokens = chunks.indices.flatMap { index in
            let chunk = chunks[index]
            let rule = rules.firstIndex(of: chunk.rule) ?? rules.count
            if rule == rules.count { rules.append(chunk.rule) }
            return chunk.tokens.indices.lazy.map { offset in
                StepToken(
                    sequence: index, position: chunk.firstPosition + offset - chunk.tokens.startIndex,
                    promptCount: chunk.promptCount, isolation: chunk.isolation, rule: rule)
            }
        }
        self.rules = rules
    }
}
