/// A token besides the model's vocabulary.
///
/// It is found in the text before the model runs.
struct AddedToken: Sendable {
    let id: TokenID
    let content: String
    let isSpecial: Bool
    /// Whether it must not touch a letter or digit.
    let isSingleWord: Bool
    /// Whether it includes the white space before it, or after it.
    let stripsLeft: Bool
    let stripsRight: Bool
    /// Its normalized text; `nil` for a token that is searched for in the original text.
    let normalized: String?

    init(_ node: JSONNode, _ normalizer: Normalizer?) throws(TokenizerError) {
        id = TokenID(try node.required("id").integer(in: 0..<Vocabulary.maximumCount))
        content = try node.required("content").text()
        guard !content.isEmpty else { throw node.error("is an empty added token") }
        isSpecial = try node.flag("special", default: false)
        isSingleWord = try node.flag("single_word", default: false)
        stripsLeft = try node.flag("lstrip", default: false)
        stripsRight = try node.flag("rstrip", default: false)
        guard try node.flag("normalized", default: !isSpecial) else {
            normalized = nil
            return
        }
        let bytes = Array(content.utf8)
        do throws(TokenizationError) {
            let text =
                try normalizer?.normalize(bytes, RegularExpression.Scratch(byteCount: bytes.count)) ?? bytes
            normalized = String(decoding: text, as: UTF8.self)
        } catch {
            throw node.error("cannot be normalized: \(error.problem)")
        }
    }
}

/// Finds a tokenizer's added tokens in a text.
///
/// At each place the longest token wins. Tokens marked `normalized` are searched for in a second pass, in the
/// normalized text between the others.
struct AddedTokens: Sendable {
    enum Section: Equatable {
        case token(TokenID)
        /// A non-empty range without added tokens.
        case text(Range<Int>)
    }

    private let tokens: [AddedToken]
    private let trie: Trie?

    /// `isNormalized`: selects the pass.
    init(_ tokens: [AddedToken], isNormalized: Bool) {
        let tokens = tokens.filter { ($0.normalized != nil) == isNormalized }
        self.tokens = tokens
        trie = tokens.isEmpty ? nil : Trie(tokens.map { Array(($0.normalized ?? $0.content).utf8) })
    }

    /// Cuts a text at added tokens.
    ///
    /// A special token where special tokens do not count is plain text.
    ///
    /// - Complexity: O(n·m) for a text of n bytes and tokens of at most m bytes.
    func sections(of text: [UInt8], markers: MarkerPlaces) -> [Section] {
        guard let trie else { return text.isEmpty ? [] : [.text(text.indices)] }
        var sections: [Section] = []
        var start = 0
        var position = 0
        while position < text.count {
            guard let (index, count) = match(in: text, at: position, trie, markers) else {
                position += 1
                continue
            }
            let token = tokens[index]
            let counts = !token.isSpecial || markers.run(at: position).isOpen
            var range = position..<position + count
            position = range.upperBound
            guard counts, !token.isSingleWord || text.isWord(range) else { continue }
            if token.stripsLeft {
                range = max(text.spaceStart(before: range.lowerBound), start)..<range.upperBound
            }
            if token.stripsRight { range = range.lowerBound..<text.spaceEnd(after: range.upperBound) }
            if start < range.lowerBound { sections.append(.text(start..<range.lowerBound)) }
            sections.append(.token(token.id))
            start = range.upperBound
        }
        if start < text.count { sections.append(.text(start..<text.count)) }
        return sections
    }

    /// The longest match.
    ///
    /// A special token counts only if it was written by one side: text that the request starts and the template ends is
    /// no special token, and must not hide one within it.
    private func match(
        in text: [UInt8], at position: Int, _ trie: Trie, _ markers: MarkerPlaces
    ) -> (index: Int, count: Int)? {
        guard let longest = trie.longestMatch(in: text, at: position, before: text.count) else { return nil }
        let end = markers.run(at: position).end
        let isWhole = !tokens[longest.index].isSpecial || position + longest.count <= end
        return isWhole ? longest : trie.longestMatch(in: text, at: position, before: end)
    }
}

extension [UInt8] {
    private func lastScalar(before end: Int) -> Unicode.Scalar? {
        var start = end
        repeat { start -= 1 } while start > 0 && UTF8.isContinuation(self[start])
        return start < 0 ? nil : String(decoding: self[start..<end], as: UTF8.self).unicodeScalars.first
    }

    private func firstScalar(after start: Int) -> Unicode.Scalar? {
        String(decoding: self[start..<Swift.min(start + 4, count)], as: UTF8.self).unicodeScalars.first
    }

    /// Whether both neighbours of the range are no word characters.
    fileprivate func isWord(_ range: Range<Int>) -> Bool {
        !(lastScalar(before: range.lowerBound).map(ScalarKinds.isWord) ?? false)
            && !(firstScalar(after: range.upperBound).map(ScalarKinds.isWord) ?? false)
    }

    fileprivate func spaceStart(before end: Int) -> Int {
        var end = end
        while let scalar = lastScalar(before: end), ScalarKinds.isWhitespace(scalar) {
            end -= UTF8.width(scalar)
        }
        return end
    }

    fileprivate func spaceEnd(after start: Int) -> Int {
        var start = start
        while let scalar = firstScalar(after: start), ScalarKinds.isWhitespace(scalar) {
            start += UTF8.width(scalar)
        }
        return start
    }
}

/// A trie of byte strings.
private struct Trie: Sendable {
    private struct Node {
        var children: [UInt8: Int] = [:]
        /// Index of the string that ends here.
        var string: Int?
    }

    private var nodes = [Node()]
    /// Whether any string starts with this byte: a quick check that rejects most places.
    private var begins = [Bool](repeating: false, count: 256)

    init(_ strings: [[UInt8]]) {
        for (index, string) in strings.enumerated() where !string.isEmpty {
            var node = 0
            begins[Int(string[0])] = true
            for byte in string {
                if let child = nodes[node].children[byte] {
                    node = child
                } else {
                    nodes[node].children[byte] = nodes.count
                    node = nodes.count
                    nodes.append(Node())
                }
            }
            nodes[node].string = index
        }
    }

    func longestMatch(in text: [UInt8], at start: Int, before end: Int) -> (index: Int, count: Int)? {
        guard begins[Int(text[start])] else { return nil }
        var longest: (index: Int, count: Int)?
        var node = 0
        for position in start..<end {
            guard let child = nodes[node].children[text[position]] else { break }
            node = child
            if let index = nodes[node].string { longest = (index, position - start + 1) }
        }
        return longest
    }
}
