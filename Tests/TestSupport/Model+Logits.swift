public import ExpertRouting
public import Tokenizers
import Threads
public import Transformer

extension Model {
    /// The logits after a prompt and after each token of its continuation but the last.
    public func logits(
        prompt: [TokenID], continuation: [TokenID], isolation: Isolation = .dropless, threads: Int = 1
    ) -> [[Float]] {
        var rest = continuation[...]
        return rows(after: prompt, count: continuation.count, isolation, threads) { _ in rest.removeFirst() }
    }

    /// The likeliest token after a prompt, the likeliest after both, and so on, with the logits that chose each.
    public func greedyTokens(
        after prompt: [TokenID], count: Int, isolation: Isolation = .dropless, threads: Int = 1
    ) -> (tokens: [TokenID], logits: [[Float]]) {
        var tokens: [TokenID] = []
        let logits = rows(after: prompt, count: count, isolation, threads) { row in
            let likeliest = TokenID(row.indices.max { (row[$0], $1) < (row[$1], $0) } ?? 0)
            tokens.append(likeliest)
            return likeliest
        }
        return (tokens, logits)
    }

    /// Computes the prompt in one step, then one token in each: the one that `next` chooses by its logits.
    private func rows(
        after prompt: [TokenID], count: Int, _ isolation: Isolation, _ threads: Int,
        next: ([Float]) -> TokenID
    ) -> [[Float]] {
        let length = prompt.count + count
        let blocks = (length + ModelRunner.blockSize - 1) / ModelRunner.blockSize
        var runner = ModelRunner(
            model: self, stepTokens: prompt.count, sequences: 1, contextLength: length, blocks: blocks,
            workers: WorkerPool(threadCount: threads))
        var tokens = prompt
        var computed = 0
        var rows: [[Float]] = []
        for step in 0..<count {
            let chunk = StepChunk(
                tokens: tokens[computed...], firstPosition: computed, promptCount: prompt.count,
                isolation: isolation, rule: .default, blocks: (0..<blocks).map(Int32.init), wantsLogits: true)
            _ = runner.forward(StepBatch(number: step, chunks: [chunk]))
            computed = tokens.count
            rows.append(Array(runner.logits(0)))
            tokens.append(next(rows[step]))
        }
        return rows
    }
}
