/// Finds a tokenizer's added tokens in a text.
///
/// As the `tokenizers` library does: at each place the longest token wins, and tokens marked `normalized`
/// are looked for only in what the others leave.
struct AddedTokens: Sendable {
    enum Section: Equatable {
        case token(TokenID)
        /// A non-empty range of the text without added tokens.
        case text(Range<Int>)
    }

    private let passes: [Trie]

    init(_ tokens: [TokenizerFile.AddedToken]) {
        passes = [tokens.filter { !$0.normalized }, tokens.filter(\.normalized)]
            .filter { !$0.isEmpty }.map(Trie.init)
    }

    func sections(of text: [UInt8], includingSpecial: Bool) -> [Section] {
        var sections: [Section] = text.isEmpty ? [] : [.text(text.indices)]
        for trie in passes {
            sections = sections.flatMap { section in
                guard case .text(let range) = section else { return [section] }
                return trie.cut(text, in: range, includingSpecial: includingSpecial)
            }
        }
        return sections
    }
}

/// Byte strings by their common beginnings.
private struct Trie: Sendable {
    private struct Node {
        var children: [UInt8: Int] = [:]
        /// The token that ends here.
        var token: TokenizerFile.AddedToken?
    }

    private var nodes = [Node()]

    init(_ tokens: [TokenizerFile.AddedToken]) {
        for token in tokens {
            var node = 0
            for byte in token.content.utf8 {
                if let child = nodes[node].children[byte] {
                    node = child
                } else {
                    nodes[node].children[byte] = nodes.count
                    node = nodes.count
                    nodes.append(Node())
                }
            }
            nodes[node].token = token
        }
    }

    /// A special token that is not to be parsed is passed over whole, as a part of the text around it.
    func cut(_ text: [UInt8], in range: Range<Int>, includingSpecial: Bool) -> [AddedTokens.Section] {
        var sections: [AddedTokens.Section] = []
        var start = range.lowerBound
        var position = start
        while position < range.upperBound {
            guard let token = longestToken(text[position..<range.upperBound]) else {
                position += 1
                continue
            }
            let end = position + token.content.utf8.count
            if includingSpecial || !token.special {
                if start < position { sections.append(.text(start..<position)) }
                sections.append(.token(token.id))
                start = end
            }
            position = end
        }
        if start < position { sections.append(.text(start..<position)) }
        return sections
    }

    private func longestToken(_ text: ArraySlice<UInt8>) -> TokenizerFile.AddedToken? {
        var longest: TokenizerFile.AddedToken?
        var node = 0
        for byte in text {
            guard let child = nodes[node].children[byte] else { break }
            node = child
            longest = nodes[node].token ?? longest
        }
        return longest
    }
}
