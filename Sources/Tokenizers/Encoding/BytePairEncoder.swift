import HeapModule

/// Merges the characters of a piece of text into tokens, the lowest-ranked pair first.
struct BytePairEncoder: Sendable {
    private struct Merge {
        let rank: Int32
        let token: TokenID
    }

    /// A token of the current piece, linked to its neighbours by index; −1 means none.
    fileprivate struct Symbol {
        /// −1 once the symbol has been merged into the one before it.
        var token: TokenID
        var previous: Int
        var next: Int
    }

    /// A possible merge.
    ///
    /// The lowest rank goes first, then the leftmost.
    fileprivate struct Candidate: Comparable {
        let rank: Int32
        /// Index of the pair's left symbol.
        let position: Int
        /// What the pair becomes.
        let token: TokenID

        static func < (left: Candidate, right: Candidate) -> Bool {
            (left.rank, left.position) < (right.rank, right.position)
        }
    }

    /// Working memory, reused from piece to piece.
    struct Scratch {
        fileprivate var symbols: [Symbol] = []
        fileprivate var candidates = Heap<Candidate>()
    }

    /// Tokens of single characters, by scalar: an array for the first, most frequent ones, a dictionary for the others.
    private var firstTokens = [TokenID](repeating: -1, count: 0x180)
    private var otherTokens: [UInt32: TokenID] = [:]
    private var merges: [UInt64: Merge] = [:]
    /// Pieces that are tokens as a whole (`ignore_merges`).
    private var wholePieces: Vocabulary?
    private let byteTokens: [TokenID?]?
    private let unknown: TokenID?
    private let fusesUnknown: Bool

    /// `special`: tokens that text must never produce, whatever the model says.
    ///
    /// The unknown token is not among them.
    init(_ model: BytePairModel, special: Set<TokenID>) throws(TokenizerError) {
        byteTokens = model.byteTokens
        unknown = model.unknown
        fusesUnknown = model.fusesUnknown
        merges.reserveCapacity(model.merges.count)
        for (rank, merge) in model.merges.enumerated() where !special.contains(merge.token) {
            merges[Self.key(merge.left, merge.right)] = Merge(rank: Int32(rank), token: merge.token)
        }
        var others: [UInt32: TokenID] = [:]
        var first = firstTokens
        var whole = model.vocabulary
        try model.vocabulary.forEach { text, id throws(TokenizerError) in
            guard !special.contains(id) else { return whole[text] = nil }
            let scalars = text.unicodeScalars
            guard let scalar = scalars.first, scalars.dropFirst().isEmpty else { return }
            if Int(scalar.value) < first.count {
                first[Int(scalar.value)] = id
            } else {
                others[scalar.value] = id
            }
        }
        (firstTokens, otherTokens) = (first, others)
        wholePieces = model.ignoresMerges ? whole : nil
    }

    /// Appends the tokens of a piece of valid UTF-8.
    ///
    /// - Complexity: O(n log n) in the piece's length.
    func encode(_ piece: ArraySlice<UInt8>, into tokens: inout [TokenID], _ scratch: inout Scratch) {
        if let wholePieces, let token = wholePieces[String(decoding: piece, as: UTF8.self)] {
            tokens.append(token)
            return
        }
        scratch.symbols.removeAll(keepingCapacity: true)
        fill(&scratch.symbols, with: piece)
        guard !scratch.symbols.isEmpty else { return }
        scratch.symbols[scratch.symbols.count - 1].next = -1
        for index in 0..<scratch.symbols.count - 1 { propose(mergeAt: index, &scratch) }
        while let candidate = scratch.candidates.popMin() { merge(candidate, &scratch) }
        for symbol in scratch.symbols where symbol.token >= 0 { tokens.append(symbol.token) }
    }

    /// Splits the piece into tokens of single characters.
    ///
    /// An unknown token is added only before the next known one, after any byte tokens in between: the order of the
    /// `tokenizers` library.
    private func fill(_ symbols: inout [Symbol], with piece: ArraySlice<UInt8>) {
        var pending = false
        func add(_ token: TokenID, _ symbols: inout [Symbol]) {
            symbols.append(Symbol(token: token, previous: symbols.count - 1, next: symbols.count + 1))
        }
        var position = piece.startIndex
        while position < piece.endIndex {
            let start = position
            let scalar = piece.scalar(at: &position)
            let token = scalar < firstTokens.count ? firstTokens[Int(scalar)] : otherTokens[scalar] ?? -1
            if token >= 0 {
                if pending, let unknown { add(unknown, &symbols) }
                pending = false
                add(token, &symbols)
            } else if let bytes = byteFallback(piece[start..<position]) {
                for byte in bytes { add(byte, &symbols) }
            } else if let unknown {
                if pending, !fusesUnknown { add(unknown, &symbols) }
                pending = true
            }
        }
        if pending, let unknown { add(unknown, &symbols) }
    }

    private func byteFallback(_ bytes: ArraySlice<UInt8>) -> [TokenID]? {
        guard let byteTokens else { return nil }
        let tokens = bytes.compactMap { byteTokens[Int($0)] }
        return tokens.count == bytes.count ? tokens : nil
    }

    /// Performs a merge, unless an earlier merge has changed its pair.
    private func merge(_ candidate: Candidate, _ scratch: inout Scratch) {
        let index = candidate.position
        let left = scratch.symbols[index]
        guard left.token >= 0, left.next >= 0,
            merges[Self.key(left.token, scratch.symbols[left.next].token)]?.token == candidate.token
        else { return }
        let following = scratch.symbols[left.next].next
        scratch.symbols[left.next].token = -1
        scratch.symbols[index].token = candidate.token
        scratch.symbols[index].next = following
        if following >= 0 { scratch.symbols[following].previous = index }
        if left.previous >= 0 { propose(mergeAt: left.previous, &scratch) }
        propose(mergeAt: index, &scratch)
    }

    private func propose(mergeAt index: Int, _ scratch: inout Scratch) {
        let left = scratch.symbols[index]
        guard left.next >= 0, let merge = merges[Self.key(left.token, scratch.symbols[left.next].token)]
        else { return }
        scratch.candidates.insert(
            Candidate(rank: merge.rank, position: index, token: merge.token))
    }

    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}

extension ArraySlice<UInt8> {
    /// Decodes the scalar at a position of valid UTF-8, and advances the position.
    fileprivate func scalar(at position: inout Int) -> UInt32 {
        let lead = self[position]
        position += 1
        guard lead >= 0x80 else { return UInt32(lead) }
        let length = (~lead).leadingZeroBitCount
        var value = UInt32(lead & (0x7F >> UInt8(length)))
        while position < endIndex, UTF8.isContinuation(self[position]) {
            value = value << 6 | UInt32(self[position] & 0x3F)
            position += 1
        }
        return value
    }
}
