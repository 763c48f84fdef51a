import ExpertRouting
import Tokenizers
import Transformer

/// One request in flight.
///
/// There is no prefill phase and no decode phase: a sequence has tokens, and a count of those whose keys and
/// values are in the cache. Whatever is missing is computed, in chunks, and a token is sampled once nothing is.
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
    /// With whom keys and values may be shared; `nil`: with nobody.
    let domain: PrefixDomain?
    /// Its blocks that others may begin with.
    var chain: PrefixChain?
    var summary = GenerationSummary()
    /// Positions of the prompt that have been reported on; computing them anew reports nothing.
    var reportedCount = 0
    /// Sum of their last hidden states, where the request wants an embedding.
    var hiddenSum: [Float] = []
    /// How often each token was generated, where there are penalties.
    private(set) var generated: [TokenID: Int] = [:]
    /// The completion's text, where it has to follow a constraint.
    private(set) var constrained: ConstrainedText?

    init(id: SequenceID, request: GenerationRequest, rule: RoutingRule, domain: PrefixDomain? = nil) {
        self.id = id
        self.request = request
        self.rule = rule
        // What is to be said of a prompt needs all of it computed.
        self.domain = request.report.isOnPrompt ? nil : domain
        chain = self.domain.map(PrefixChain.init)
        tokens = request.prompt
        constrained = request.constraint.map(ConstrainedText.init)
    }

    /// Tokens at the beginning whose routing groups are whole, of so many.
    private func wholeGroups(of count: Int) -> Int {
        guard case .own? = domain?.groups else { return count }
        let prompt = min(count, request.prompt.count)
        return prompt - prompt % rule.groupSize
    }

    /// Tokens that may come from the cache: the last one is computed in any case, for the logits after it.
    var borrowableCount: Int {
        let whole = wholeGroups(of: request.prompt.count)
        return whole < tokens.count ? whole : tokens.count - 1
    }

    /// Computed tokens that another sequence may begin with.
    var lendableCount: Int { wholeGroups(of: computedCount) }

    /// Begins behind tokens whose keys and values are there already.
    mutating func begin(with chain: PrefixChain) {
        computedCount = chain.tokenCount
        blocks = chain.blocks
        self.chain = chain
        if summary.preemptions == 0 { summary.cachedTokens = computedCount }
    }

    /// Its blocks have been given away: everything is to be computed anew.
    mutating func forgetComputed() {
        computedCount = 0
        chain = domain.map(PrefixChain.init)
    }

    var generatedCount: Int { tokens.count - request.prompt.count }

    /// How many tokens to compute next, at most `budget`; 0 where the budget is too small for any.
    ///
    /// A prompt is cut only at multiples of the group size, so that its routing groups are the same whatever
    /// the load: this is what keeps a chunked prefill from changing a `per-sequence` response.
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

    /// Records that `length` more tokens are in the cache; whether a token is due, since none is missing.
    mutating func advance(by length: Int) -> Bool {
        computedCount += length
        return computedCount == tokens.count
    }

    /// Appends a generated token; why the sequence ends with it, if it does.
    mutating func append(_ token: TokenID) -> FinishReason? {
        tokens.append(token)
        if !request.sampling.penalties.isNone { generated[token, default: 0] += 1 }
        if request.stopTokens.contains(token) { return .stop }
        if constrained?.append(token) == true, constrained?.mustEnd == true { return .complete }
        return generatedCount >= request.maximumTokens ? .length : nil
    }
}
