import ConstrainedDecoding
import ExpertRouting
import Numerics
import Tokenizers
import Transformer

/// Chooses a token from logits: a pure function of the logits, the sampling parameters and the position.
struct Sampler {
    private let kernels: Kernels
    /// Scratch, [vocabulary]: the biased logits, then probabilities.
    private var values: [Float] = []
    /// Scratch: the tokens that a constraint allows.
    private var allowed = TokenMask(tokenCount: 0)

    init(kernels: Kernels) {
        self.kernels = kernels
    }

    /// Chooses the next token of a sequence.
    mutating func sample(_ logits: UnsafeBufferPointer<Float>, for sequence: LiveSequence) -> SampledToken {
        guard let text = sequence.constrained else { return sample(logits, for: sequence, among: nil) }
        return sample(logits, for: sequence, text)
    }

    /// Chooses among the tokens that the constraint allows and that leave enough tokens to complete the text.
    private mutating func sample(
        _ logits: UnsafeBufferPointer<Float>, for sequence: LiveSequence, _ text: ConstrainedText
    ) -> SampledToken {
        if allowed.tokenCount != text.tokenCount { allowed = TokenMask(tokenCount: text.tokenCount) }
        text.allowedTokens(into: &allowed)
        let ends = text.isComplete && sequence.mayStop ? sequence.request.stopTokens : []
        for token in ends where Int(token) < allowed.tokenCount { allowed[Int(token)] = true }
        let token = sample(logits, for: sequence, among: allowed)
        let left = sequence.request.maximumTokens - sequence.generatedCount
        var next = text
        guard !ends.contains(token.token), text.canBeCompleted(within: left), next.append(token.token),
            !next.canBeCompleted(within: left - 1)
        else { return token }
        text.closingTokens(into: &allowed)
        return allowed.isEmpty ? token : sample(logits, for: sequence, among: allowed)
    }

    /// `allowed`: the tokens that a constraint allows; `nil`: all.
    private mutating func sample(
        _ logits: UnsafeBufferPointer<Float>, for sequence: LiveSequence, among allowed: TokenMask?
    ) -> SampledToken {
        let request = sequence.request
        return sample(
            logits, request.sampling, position: sequence.tokens.count,
            topLogprobs: request.report.topLogprobs,
            past: Past(
                prompt: request.prompt, generated: sequence.generated,
                barred: sequence.mayStop ? [] : request.stopTokens, allowed: allowed))
    }

    /// The history of a sequence that changes its logits.
    struct Past {
        var prompt: [TokenID] = []
        /// How often each token was generated.
        var generated: [TokenID: Int] = [:]
        /// Tokens that must not be chosen now.
        var barred: Set<TokenID> = []
        /// The tokens that a constraint allows; `nil`: all.
        var allowed: TokenMask?
    }

    /// Chooses the token for `position`, which must be the number of tokens before it.
    mutating func sample(
        _ logits: UnsafeBufferPointer<Float>, _ sampling: Sampling, position: Int, topLogprobs: Int?,
        past: Past = Past()
    ) -> SampledToken {
        let isPlain =
            sampling.logitBias.isEmpty && sampling.penalties.isNone && past.barred.isEmpty
            && past.allowed == nil
        if sampling.temperature == 0, topLogprobs == nil {
            // The kernel itself skips NaN.
            if isPlain { return SampledToken(token: TokenID(indexOfLargest(of: logits))) }
            load(logits)
            adjust(by: sampling, past: past)
            return SampledToken(token: TokenID(values.withUnsafeBufferPointer(indexOfLargest)))
        }
        loadNumbers(logits)
        if !isPlain { adjust(by: sampling, past: past) }
        let normaliser = topLogprobs == nil ? nil : logSumExp()
        let top = topLogprobs.map { mostLikely($0, normaliser: normaliser ?? 0) } ?? []
        let greedy = values.withUnsafeBufferPointer(indexOfLargest)
        let greedyLogit = values[greedy]
        guard sampling.temperature > 0 else {
            return SampledToken(
                token: TokenID(greedy), logprob: normaliser.map { greedyLogit - $0 }, top: top)
        }
        let biased = values
        let uniform = Self.uniform(seed: sampling.seed, position: position)
        let token = draw(sampling, largest: greedyLogit, uniform: uniform)
        return SampledToken(token: TokenID(token), logprob: normaliser.map { biased[token] - $0 }, top: top)
    }

    /// The log-probability of a given token under the model, without sampling parameters.
    mutating func likelihood(
        of token: TokenID, in logits: UnsafeBufferPointer<Float>, topLogprobs: Int
    ) -> SampledToken {
        loadNumbers(logits)
        let normaliser = logSumExp()
        let logit = values[Int(token)]
        return SampledToken(
            token: token, logprob: logit - normaliser, top: mostLikely(topLogprobs, normaliser: normaliser),
            rank: 1 + values.count { $0 > logit })
    }

    /// A number in [0, 1) that depends on the seed and the position alone.
    static func uniform(seed: UInt64, position: Int) -> Float {
        Float(SplitMix64.bits(seed: seed, count: position) >> 40) / Float(1 << 24)
    }

    private mutating func load(_ logits: UnsafeBufferPointer<Float>) {
        values.removeAll(keepingCapacity: true)
        values.append(contentsOf: logits)
    }

    /// A NaN logit is never chosen.
    private mutating func loadNumbers(_ logits: UnsafeBufferPointer<Float>) {
        load(logits)
        for index in values.indices where values[index].isNaN { values[index] = -.infinity }
    }

    /// Applies penalties, biases, and forbidden tokens.
    private mutating func adjust(by sampling: Sampling, past: Past) {
        let penalties = sampling.penalties
        if penalties.repetition != 1 {
            for token in Set(past.prompt).union(past.generated.keys) {
                let logit = values[Int(token)]
                values[Int(token)] =
                    logit > 0 ? logit / penalties.repetition : logit * penalties.repetition
            }
        }
        if penalties.presence != 0 || penalties.frequency != 0 {
            for (token, count) in past.generated {
                values[Int(token)] -= penalties.presence + penalties.frequency * Float(count)
            }
        }
        for (token, amount) in sampling.logitBias where values.indices.contains(Int(token)) {
            values[Int(token)] += amount
        }
        for token in past.barred where values.indices.contains(Int(token)) {
            values[Int(token)] = -.infinity
        }
        guard let allowed = past.allowed else { return }
        for index in values.indices where index >= allowed.tokenCount || !allowed[index] {
            values[index] = -.infinity
        }
    }

    private func indexOfLargest(of logits: UnsafeBufferPointer<Float>) -> Int {
        logits.baseAddress.map { kernels.indexOfLargest($0, count: logits.count) } ?? 0
    }

    private func logSumExp() -> Float {
        values.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { kernels.logSumExp($0, count: buffer.count) } ?? 0
        }
    }

    /// The `count` most likely tokens, best first, ties to the lower id.
    private func mostLikely(_ count: Int, normaliser: Float) -> [SampledToken.Likelihood] {
        var best: [Int] = []
        for index in values.indices {
            if best.count == count, let last = best.last, values[index] <= values[last] { continue }
            let place = best.firstIndex { values[index] > values[$0] } ?? best.count
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
        }
        return best.map { SampledToken.Likelihood(token: TokenID($0), logprob: values[$0] - normaliser) }
    }

    /// Turns `values` into probabilities at the temperature and walks their sum up to `uniform`.
    private mutating func draw(_ sampling: Sampling, largest: Float, uniform: Float) -> Int {
        for index in values.indices { values[index] = (values[index] - largest) / sampling.temperature }
        let count = values.count
        values.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { kernels.softmax(base, count: count) }
        }
        let candidates = candidates(sampling)
        let total = candidates.reduce(Float(0)) { $0 + values[$1] }
        var rest = uniform * total
        for candidate in candidates {
            rest -= values[candidate]
            if rest < 0 { return candidate }
        }
        // Rounding may leave a remainder: take the last token with a probability above 0.
        return candidates.last { values[$0] > 0 } ?? 0
    }

    /// The tokens to draw from: min-p (arXiv 2407.01082), then top-k (arXiv 1805.04833), then top-p of what is left
    /// (arXiv 1904.09751), as in vLLM.
    private func candidates(_ sampling: Sampling) -> [Int] {
        guard sampling.topP < 1 || sampling.topK != nil || sampling.minimumP > 0 else {
            return Array(values.indices)
        }
        // Sorting a vocabulary takes longer than a step: rank only tokens that are likely enough, and look further
        // down while the answer may lie there. Every prefix of the ranking is that of the whole.
        let largest = values.max() ?? 0
        var floor = largest / 64
        while true {
            let ranked = values.indices.filter { values[$0] >= floor }.sorted {
                (values[$0], $1) > (values[$1], $0)
            }
            let isWhole = floor == 0 || ranked.count == values.count
            if let cut = cut(ranked, by: sampling, isWhole: isWhole) { return cut }
            floor = floor > largest / 1_000_000 ? floor / 64 : 0
        }
    }

    /// The part of a ranking to draw from; `nil` if it may go on behind the ranking's end.
    private func cut(_ ranking: [Int], by sampling: Sampling, isWhole: Bool) -> [Int]? {
        var ranked = ranking[...]
        // The sum is 1, up to rounding.
        var total: Float = 1
        if sampling.topK != nil || sampling.minimumP > 0, let first = ranked.first {
            let least = sampling.minimumP * values[first]
            ranked = ranked.prefix { values[$0] >= least }.prefix(sampling.topK ?? values.count)
            guard ranked.count < ranking.count || ranked.count == sampling.topK || isWhole else { return nil }
            total = ranked.reduce(0) { $0 + values[$1] }
        }
        guard sampling.topP < 1 else { return Array(ranked) }
        var reached: Float = 0
        for (size, index) in ranked.enumerated() {
            reached += values[index]
            if reached >= sampling.topP * total { return Array(ranked.prefix(size + 1)) }
        }
        return isWhole || ranked.count < ranking.count ? Array(ranked) : nil
    }
}
