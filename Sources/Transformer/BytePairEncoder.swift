/// Merges the bytes of a word into tokens, the pair of lowest rank first.
struct BytePairEncoder: Sendable {
    private struct Merge {
        let rank: Int32
        let token: TokenID
    }

    /// A token in the word under way, linked to its neighbours.
    fileprivate struct Symbol {
        /// `nil` once the symbol is part of the one before it.
        var token: TokenID?
        var previous: Int?
        var next: Int?
    }

    /// Working memory, to be reused from word to word.
    struct Scratch {
        fileprivate var symbols: [Symbol] = []
        fileprivate var candidates = MergeQueue()
    }

    private let byteTokens: [TokenID?]
    private let merges: [UInt64: Merge]
    /// Words that are tokens as they stand (`ignore_merges`), by their bytes.
    private let wholeWords: [[UInt8]: TokenID]

    init(_ model: TokenizerFile.Model, path: String) throws(CheckpointError) {
        byteTokens = ByteAlphabet.scalars.map { model.vocab[String($0)] }
        if model.unknownToken != nil, byteTokens.contains(nil) {
            throw CheckpointError(
                path,
                "`model.unk_token` is set and the vocabulary lacks single bytes: unknown tokens are not supported"
            )
        }
        var merges: [UInt64: Merge] = [:]
        merges.reserveCapacity(model.merges.count)
        for (rank, pair) in model.merges.enumerated() {
            guard let left = model.vocab[pair.left], let right = model.vocab[pair.right],
                let token = model.vocab[pair.left + pair.right]
            else {
                throw CheckpointError(
                    path,
                    "`model.merges` \(rank) (`\(pair.left)` `\(pair.right)`) uses a piece that `model.vocab` lacks"
                )
            }
            merges[Self.key(left, right)] = Merge(rank: Int32(rank), token: token)
        }
        self.merges = merges
        wholeWords =
            model.ignoresMerges
            ? Dictionary(model.vocab.map { (ByteAlphabet.bytes(of: $0.key), $0.value) }) { first, _ in first }
            : [:]
    }

    /// Appends the tokens of a word.
    ///
    /// - Complexity: O(n log n) in the word's length.
    func encode(_ word: ArraySlice<UInt8>, into tokens: inout [TokenID], _ scratch: inout Scratch) {
        if !wholeWords.isEmpty, let token = wholeWords[Array(word)] {
            tokens.append(token)
            return
        }
        fill(&scratch, with: word)
        while let candidate = scratch.candidates.popFirst() {
            merge(candidate, &scratch)
        }
        tokens += scratch.symbols.lazy.compactMap(\.token)
    }

    private func fill(_ scratch: inout Scratch, with word: ArraySlice<UInt8>) {
        scratch.symbols.removeAll(keepingCapacity: true)
        for byte in word {
            guard let token = byteTokens[Int(byte)] else { continue }
            let index = scratch.symbols.count
            scratch.symbols.append(
                Symbol(token: token, previous: index > 0 ? index - 1 : nil, next: index + 1))
        }
        guard let last = scratch.symbols.indices.last else { return }
        scratch.symbols[last].next = nil
        for index in 0..<last { propose(mergeAt: index, &scratch) }
    }

    /// Carries out a candidate, unless an earlier merge has changed its pair.
    private func merge(_ candidate: MergeQueue.Candidate, _ scratch: inout Scratch) {
        let index = candidate.position
        guard let left = scratch.symbols[index].token, let next = scratch.symbols[index].next,
            let right = scratch.symbols[next].token,
            merges[Self.key(left, right)]?.token == candidate.token
        else { return }
        let following = scratch.symbols[next].next
        scratch.symbols[index].token = candidate.token
        scratch.symbols[index].next = following
        scratch.symbols[next].token = nil
        if let following { scratch.symbols[following].previous = index }
        if let previous = scratch.symbols[index].previous { propose(mergeAt: previous, &scratch) }
        propose(mergeAt: index, &scratch)
    }

    private func propose(mergeAt index: Int, _ scratch: inout Scratch) {
        guard let left = scratch.symbols[index].token, let next = scratch.symbols[index].next,
            let right = scratch.symbols[next].token, let merge = merges[Self.key(left, right)]
        else { return }
        scratch.candidates.insert(
            MergeQueue.Candidate(rank: merge.rank, position: index, token: merge.token))
    }

    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
