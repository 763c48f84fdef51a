/// The text of each token as in the vocabulary, by id.
struct TokenTexts: Sendable {
    private let texts: [String?]

    init(_ vocabulary: Vocabulary, _ addedTokens: [AddedToken], _ file: JSONNode) throws(TokenizerError) {
        var texts: [TokenID: String] = [:]
        texts.reserveCapacity(vocabulary.count)
        try vocabulary.forEach { text, id throws(TokenizerError) in texts[id] = text }
        // Added tokens that the vocabulary lacks get ids from its size on, whatever ids the file gives.
        var known = vocabulary
        for token in addedTokens {
            let id = known[token.content] ?? TokenID(known.count)
            guard token.id == id else {
                throw TokenizerError(
                    file.file,
                    "added token `\(token.content)` has the id \(token.id); by `model.vocab` and the tokens before it, it would be \(id)"
                )
            }
            guard known[token.content] != nil || texts[id] == nil else {
                throw TokenizerError(
                    file.file, "added token `\(token.content)` and `model.vocab` disagree about id \(id)")
            }
            known[token.content] = id
            // Added tokens are matched in normalized text, and decode to it.
            texts[id] = token.normalized ?? token.content
        }
        guard let greatest = texts.keys.max() else {
            throw TokenizerError(file.file, "`model.vocab` is empty, and there are no added tokens")
        }
        self.texts = (0...greatest).map { texts[$0] }
    }

    /// The greatest id plus one.
    var count: Int { texts.count }

    /// `nil` if the vocabulary has no such id.
    subscript(token: TokenID) -> String? {
        0..<texts.count ~= Int(token) ? texts[Int(token)] : nil
    }
}
