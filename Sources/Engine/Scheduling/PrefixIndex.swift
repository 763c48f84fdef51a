import ExpertRouting
import Tokenizers
import Transformer

/// Among which sequences keys and values mean the same.
///
/// A token's key depends on what became of all tokens before it, and that on its routing groups. A dropless or dense
/// sequence has none that matter. A `per-sequence` one has groups that only its own tokens are in: whole ones are the
/// same in every prompt that has those tokens, under the same rule. A `cross-sequence` one has groups that nobody
/// else will ever be in again, and shares nothing.
struct PrefixDomain: Hashable {
    enum Groups: Hashable {
        case none
        case own(RoutingRule)
    }

    let groups: Groups
    /// What the client set it apart with: whether a prompt was known shows in the time it takes.
    var salt: String?

    /// Tokens that are shared together or not at all: whole blocks and whole routing groups, for the last token of a
    /// group may take the slot of its first.
    var unit: Int {
        let block = ModelRunner.blockSize
        guard case .own(let rule) = groups else { return block }
        return (1...block).map { $0 * rule.groupSize }.first { $0 % block == 0 } ?? block
    }
}

/// Which domain a model's sequences are in.
struct PrefixPolicy {
    let isSparse: Bool

    /// `nil`: their keys and values are never what another sequence would compute.
    func domain(of request: GenerationRequest, under rule: RoutingRule) -> PrefixDomain? {
        guard isSparse else { return PrefixDomain(groups: .none, salt: request.cacheSalt) }
        switch request.isolation {
        case .dropless: return PrefixDomain(groups: .none, salt: request.cacheSalt)
        case .perSequence: return PrefixDomain(groups: .own(rule), salt: request.cacheSalt)
        case .crossSequence: return nil
        }
    }
}

/// A known beginning of a sequence, unit by unit.
struct PrefixChain {
    let domain: PrefixDomain
    var blocks: [Int32] = []
    /// The index's entries for the sequence's first units: theirs, or equal ones of other blocks.
    fileprivate(set) var entries: [UInt64] = []

    init(_ domain: PrefixDomain) {
        self.domain = domain
    }

    /// Tokens that it covers.
    var tokenCount: Int { entries.count * domain.unit }
}

/// Finds blocks by the tokens up to their end.
struct PrefixIndex {
    private struct Key: Hashable {
        /// The entry of the unit before; 0 before the first.
        let parent: UInt64
        let domain: PrefixDomain
        let tokens: [TokenID]
    }

    private struct Entry {
        let blocks: [Int32]
        let number: UInt64
    }

    private var entries: [Key: Entry] = [:]
    private var keys: [Int32: Key] = [:]
    /// Blocks that nobody holds, and since when; the queue also has moments that have passed.
    private var idleSince: [Int32: UInt64] = [:]
    private var queue: [(block: Int32, since: UInt64)] = []
    private var first = 0
    private var clock: UInt64 = 0

    var idleCount: Int { idleSince.count }

    /// The longest chain of units within the first `limit` tokens.
    func longest(_ tokens: [TokenID], limit: Int, in domain: PrefixDomain) -> PrefixChain {
        var chain = PrefixChain(domain)
        while chain.tokenCount + domain.unit <= limit {
            let unit = tokens[chain.tokenCount..<chain.tokenCount + domain.unit]
            let key = Key(parent: chain.entries.last ?? 0, domain: domain, tokens: Array(unit))
            guard let entry = entries[key] else { break }
            chain.blocks += entry.blocks
            chain.entries.append(entry.number)
        }
        return chain
    }

    /// Enters the blocks of a unit, or goes on from the equal ones that are known already.
    mutating func insert(_ blocks: [Int32], _ tokens: ArraySlice<TokenID>, after chain: inout PrefixChain) {
        let key = Key(parent: chain.entries.last ?? 0, domain: chain.domain, tokens: Array(tokens))
        if let known = entries[key] {
            chain.entries.append(known.number)
            return
        }
        clock += 1
        entries[key] = Entry(blocks: blocks, number: clock)
        for block in blocks { keys[block] = key }
        chain.entries.append(clock)
    }

    /// Nobody holds the block any more; whether it is one to keep.
    mutating func rest(_ block: Int32) -> Bool {
        guard keys[block] != nil else { return false }
        clock += 1
        idleSince[block] = clock
        queue.append((block, clock))
        return true
    }

    /// Somebody holds the block again.
    mutating func wake(_ block: Int32) {
        idleSince[block] = nil
    }

    /// Forgets the unit that has been idle the longest, and gives out its blocks.
    mutating func evict() -> [Int32] {
        defer { compact() }
        while first < queue.count {
            let (block, since) = queue[first]
            first += 1
            guard idleSince[block] == since, let key = keys[block] else { continue }
            let blocks = entries.removeValue(forKey: key)?.blocks ?? []
            for block in blocks {
                keys[block] = nil
                idleSince[block] = nil
            }
            return blocks
        }
        return []
    }

    private mutating func compact() {
        guard first > 1024, first > queue.count / 2 else { return }
        queue.removeFirst(first)
        first = 0
    }
}
