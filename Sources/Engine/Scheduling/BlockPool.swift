import Tokenizers

/// The KV blocks: free, held by sequences, or idle with cached keys and values.
///
/// Idle blocks count as free. They are reused when no other is left, the longest idle first.
struct BlockPool {
    let total: Int
    private var free: [Int32]
    /// How many sequences hold each block.
    private var holders: [Int]
    private var index = PrefixIndex()

    init(total: Int) {
        self.total = total
        free = (0..<Int32(total)).reversed()
        holders = Array(repeating: 0, count: total)
    }

    var freeCount: Int { free.count + index.idleCount }

    /// Grows `table` to `count` blocks; `false`, and no change, if too few are free.
    mutating func grow(_ table: inout [Int32], to count: Int) -> Bool {
        let missing = count - table.count
        guard missing > 0 else { return true }
        guard missing <= freeCount else { return false }
        while free.count < missing { free += index.evict() }
        for block in free.suffix(missing).reversed() {
            holders[Int(block)] = 1
            table.append(block)
        }
        free.removeLast(missing)
        return true
    }

    /// Takes back every block of `table`.
    mutating func reclaim(_ table: inout [Int32]) {
        for block in table.reversed() {
            holders[Int(block)] -= 1
            guard holders[Int(block)] == 0 else { continue }
            if !index.rest(block) { free.append(block) }
        }
        table.removeAll()
    }

    /// The cached blocks of the longest known prefix of `tokens`, within its first `limit`.
    ///
    /// The caller holds them from now on.
    mutating func share(_ tokens: [TokenID], limit: Int, in domain: PrefixDomain) -> PrefixChain {
        let chain = index.longest(tokens, limit: limit, in: domain)
        for block in chain.blocks {
            if holders[Int(block)] == 0 { index.wake(block) }
            holders[Int(block)] += 1
        }
        return chain
    }

    /// Adds one more unit of a sequence to the prefix cache: the blocks that hold `tokens`.
    mutating func publish(_ blocks: [Int32], _ tokens: ArraySlice<TokenID>, after chain: inout PrefixChain) {
        index.insert(blocks, tokens, after: &chain)
    }
}
