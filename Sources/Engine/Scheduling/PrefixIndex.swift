import ExpertRouting
import Tokenizers
import Transformer

/// Which sequences may share cached keys and values.
///
/// A token's key depends on all earlier tokens, and on how their routing groups were planned. Dropless and dense
/// sequences have no groups that matter. `per-sequence` groups hold only the sequence's own tokens: under the same
/// rule, whole groups are the same in every prompt with those tokens. `cross-sequence` groups never occur again, so
/// those sequences share nothing.
struct PrefixDomain: Hashable {
    enum Groups: Hashable {
        case none
        case own(RoutingRule)
    }

    let groups: Groups
    /// The client's cache salt.
    ///
    /// Without one, timing shows whether a prompt was cached.
    var salt: String?

    /// Tokens are shared in units of whole blocks and whole routing groups: the last token of a group may take the slot
    /// of its first.
    var unit: Int {
        let block = ModelRunner.blockSize
        guard case .own(let rule) = groups else { return block }
        return (1...block).map { $0 * rule.groupSize }.first { $0 % block == 0 } ?? block
    }
}

/// Assigns sequences of a model to domains.
struct PrefixPolicy {
    let isSparse: Bool

    /// `nil` if no other sequence would compute the same keys and values.
    func domain(of request: GenerationRequest, under rule: RoutingRule) -> PrefixDomain? {
        guard isSparse else { return PrefixDomain(groups: .none, salt: request.cacheSalt) }
        switch request.isolation {
        case .dropless: return PrefixDomain(groups: .none, salt: request.cacheSalt)
        case .perSequence: return PrefixDomain(groups: .own(rule), salt: request.cacheSalt)
        case .crossSequence: return nil
        }
    }
}

/// A cached prefix of a sequence, as a chain of units.
struct PrefixChain {
    let domain: PrefixDomain
    var blocks: [Int32] = []
    /// The index entries of the sequence's first units; equal units of other blocks have the same entry.
    fileprivate(set) var entries: [UInt64] = []

    init(_ domain: PrefixDomain) {
        self.domain = domain
    }

    /// Tokens that it covers.
    var tokenCount: Int { entries.count * domain.unit }
}

/// Finds blocks by all tokens up to their end.
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
    /// Idle blocks, and since when.
    ///
    /// The queue may hold outdated times.
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

    /// Enters the blocks of a unit, or continues with equal ones that are already known.
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

    /// Marks a block as idle.
    ///
    /// Returns whether it is cached.
    mutating func rest(_ block: Int32) -> Bool {
        guard keys[block] != nil else { return false }
        clock += 1
        idleSince[block] = clock
        queue.append((block, clock))
        return true
    }

    /// Marks a block as held again.
    mutating func wake(_ block: Int32) {
        idleSince[block] = nil
    }

    /// Removes the unit that has been idle the longest, and returns its blocks.
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
