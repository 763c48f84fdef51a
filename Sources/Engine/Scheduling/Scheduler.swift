import ExpertRouting
import Transformer

/// Chooses the sequences of the next step, within the token budget and the free KV blocks.
///
/// Running sequences go first, in order of arrival. Then waiting ones, lowest priority value first. When blocks run
/// out, the latest arrival is preempted: it returns its blocks, waits at the head of its priority, and is recomputed.
struct Scheduler {
    /// Sequences in the batch, in batch order.
    private(set) var running: [LiveSequence] = []
    private(set) var waiting: [LiveSequence] = []
    private(set) var blocks: BlockPool
    /// Prompt tokens of sequences that joined in the last step, and how many of them were cached.
    private(set) var prefixes = (queries: 0, hits: 0)
    private let stepTokens: Int
    private let maximumRunning: Int

    init(stepTokens: Int, maximumRunning: Int, blocks: Int) {
        self.stepTokens = stepTokens
        self.maximumRunning = maximumRunning
        self.blocks = BlockPool(total: blocks)
    }

    var isIdle: Bool { running.isEmpty && waiting.isEmpty }

    mutating func enqueue(_ sequence: LiveSequence) {
        let place = waiting.firstIndex { $0.request.priority > sequence.request.priority }
        waiting.insert(sequence, at: place ?? waiting.count)
    }

    /// Removes a sequence, waiting or running, and frees its blocks.
    mutating func remove(_ id: SequenceID) -> LiveSequence? {
        if let index = waiting.firstIndex(where: { $0.id == id }) { return waiting.remove(at: index) }
        guard let index = running.firstIndex(where: { $0.id == id }) else { return nil }
        var sequence = running.remove(at: index)
        blocks.reclaim(&sequence.blocks)
        return sequence
    }

    /// One sequence's share of the next step.
    struct Share {
        /// Index into `running`.
        let index: Int
        /// Tokens to compute.
        let length: Int
    }

    /// The next step: shares in batch order, and how many sequences were preempted for it.
    mutating func schedule() -> (shares: [Share], preemptions: Int) {
        prefixes = (0, 0)
        var budget = stepTokens
        var preemptions = 0
        var shares: [Share] = []
        var index = 0
        while index < running.count {
            let length = running[index].chunkLength(budget: budget)
            if length > 0 {
                preemptions += makeRoom(for: length, at: index)
                // The sequence itself was the latest arrival and was preempted.
                guard index < running.count else { break }
                shares.append(Share(index: index, length: length))
                budget -= length
            }
            index += 1
        }
        // A preempted sequence must not displace those it was preempted for.
        if preemptions == 0 { admit(into: &shares, budget: budget) }
        return (shares, preemptions)
    }

    /// Gives the sequence at `index` blocks for `length` more tokens, preempting the latest arrivals.
    private mutating func makeRoom(for length: Int, at index: Int) -> Int {
        var preemptions = 0
        while !blocks.grow(&running[index].blocks, to: running[index].blockCount(after: length)) {
            var victim = running.removeLast()
            blocks.reclaim(&victim.blocks)
            victim.forgetComputed()
            victim.summary.preemptions += 1
            let place = waiting.firstIndex { $0.request.priority >= victim.request.priority }
            waiting.insert(victim, at: place ?? waiting.count)
            preemptions += 1
            if index == running.count { break }
        }
        return preemptions
    }

    /// Admits waiting sequences, in order, while the step has room.
    private mutating func admit(into shares: inout [Share], budget: Int) {
        var budget = budget
        while !waiting.isEmpty, running.count < maximumRunning {
            var next = waiting.removeFirst()
            if let domain = next.domain {
                next.begin(with: blocks.share(next.tokens, limit: next.borrowableCount, in: domain))
            }
            let length = next.chunkLength(budget: budget)
            guard length > 0, blocks.grow(&next.blocks, to: next.blockCount(after: length)) else {
                blocks.reclaim(&next.blocks)
                next.forgetComputed()
                waiting.insert(next, at: 0)
                return
            }
            if next.domain != nil {
                prefixes.queries += next.request.prompt.count
                prefixes.hits += next.computedCount
            }
            running.append(next)
            shares.append(Share(index: running.count - 1, length: length))
            budget -= length
        }
    }

    /// Adds what a running sequence has computed to the prefix cache.
    mutating func publish(_ index: Int) {
        guard var chain = running[index].chain else { return }
        let unit = chain.domain.unit
        let end = running[index].lendableCount
        guard chain.tokenCount + unit <= end else { return }
        while chain.tokenCount + unit <= end {
            let tokens = chain.tokenCount..<chain.tokenCount + unit
            let size = ModelRunner.blockSize
            blocks.publish(
                Array(running[index].blocks[tokens.lowerBound / size..<tokens.upperBound / size]),
                running[index].tokens[tokens], after: &chain)
        }
        running[index].chain = chain
    }

    /// Changes a running sequence in place.
    mutating func update<Result>(_ index: Int, _ body: (inout LiveSequence) -> Result) -> Result {
        body(&running[index])
    }
}

extension LiveSequence {
    /// KV blocks needed once `length` more tokens are computed.
    fileprivate func blockCount(after length: Int) -> Int {
        (computedCount + length + ModelRunner.blockSize - 1) / ModelRunner.blockSize
    }
}
