import ExpertRouting
import Tokenizers
import Transformer

/// One request in flight.
///
/// There is no separate prefill or decode phase. A sequence has tokens and a count of those in the KV cache. Missing
/// tokens are computed in chunks. When none is missing, the next token is sampled.
struct LiveSequence {
    let id: SequenceID
    let request: GenerationRequest
    /// The routing rule that the request came with.
    let rule: RoutingRule
    /// Prompt, then completion.
    var tokens: [TokenID]
    /// How many of `tokens` are in the KV cache.
    var computedCount = 0
    /// KV blocks, by position / 16.
    var blocks: [Int32] = []
    /// Sequences of the same domain may share keys and values; `nil`: none may.
    let domain: PrefixDomain?
    /// Its blocks that other sequences may reuse.
    var chain: PrefixChain?
    var summary = GenerationSummary()
    /// Prompt positions already reported; recomputing them reports nothing.
    var reportedCount = 0
    /// Sum of the prompt's last hidden states, if the request wants an embedding.
    var hiddenSum: [Float] = []
    /// How often each token was generated, if there are penalties.
    private(set) var generated: [TokenID: Int] = [:]
    /// The completion's text so far, if it must follow a constraint.
    private(set) var constrained: ConstrainedText?

    init(id: SequenceID, request: GenerationRequest, rule: RoutingRule, domain: PrefixDomain? = nil) {
        self.id = id
        self.request = request
        self.rule = rule
        // A report on the prompt needs every position computed, so nothing comes from the cache.
        self.domain = request.report.isOnPrompt ? nil : domain
        chain = self.domain.map(PrefixChain.init)
        tokens = request.prompt
        constrained = request.constraint.map(ConstrainedText.init)
    }

    /// How many of the first `count` tokens lie in whole routing groups.
    private func wholeGroups(of count: Int) -> Int {
        guard case .own? = domain?.groups else { return count }
        let prompt = min(count, request.prompt.count)
        return prompt - prompt % rule.groupSize
    }

    /// How many tokens may come from the cache.
    ///
    /// The last one is always computed, for its logits.
    var borrowableCount: Int {
        let whole = wholeGroups(of: request.prompt.count)
        return whole < tokens.count ? whole : tokens.count - 1
    }

    /// How many computed tokens another sequence may reuse.
    var lendableCount: Int { wholeGroups(of: computedCount) }

    /// Starts after tokens whose keys and values are cached.
    mutating func begin(with chain: PrefixChain) {
        computedCount = chain.tokenCount
        blocks = chain.blocks
        self.chain = chain
        if summary.preemptions == 0 { summary.cachedTokens = computedCount }
    }

    /// Resets after preemption: its blocks are gone, and all tokens must be recomputed.
    mutating func forgetComputed() {
        computedCount = 0
        chain = domain.map(PrefixChain.init)
    }

    var generatedCount: Int { tokens.count - request.prompt.count }

    /// How many tokens to compute next, at most `budget`; 0 if the budget is too small.
    ///
    /// A prompt is cut only at multiples of the group size. So its routing groups do not depend on the load, and chunked
    /// prefill does not change a `per-sequence` response.
    func chunkLength(budget: Int) -> Int {
        var end = min(tokens.count, computedCount + budget)
        if end < request.prompt.count { end -= end % rule.groupSize }
        return max(0, end - computedCount)
    }

    /// The next `length` tokens as a part of a step.
    func chunk(length: Int) -> StepChunk {
        StepChunk(
            tokens: tokens[computedCount..<computedCount + length], firstPosition: computedCount,
            promptCount: request.prompt.count, isolation: request.isolation, rule: rule, blocks: blocks,
            wantsLogits: computedCount + length == tokens.count && request.maximumTokens > 0)
    }

    /// Whether the next token may end the completion.
    var mayStop: Bool { generatedCount >= request.minimumTokens }

    /// Records that `length` more tokens are in the cache.
    ///
    /// Returns whether all are, so that a token can be sampled.
    mutating func advance(by length: Int) -> Bool {
        computedCount += length
        return computedCount == tokens.count
    }

    /// Appends a generated token.
    ///
    /// Returns the reason if the sequence ends with it.
    mutating func append(_ token: TokenID) -> FinishReason? {
        tokens.append(token)
        if !request.sampling.penalties.isNone { generated[token, default: 0] += 1 }
        if request.stopTokens.contains(token) { return .stop }
        if constrained?.append(token) == true, constrained?.mustEnd == true { return .complete }
        return generatedCount >= request.maximumTokens ? .length : nil
    }
}
