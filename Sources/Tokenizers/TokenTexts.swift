/// The text of each token as the vocabulary spells it, by id.
struct TokenTexts: Sendable {
    private let texts: [String?]

    init(_ vocabulary: Vocabulary, _ addedTokens: [AddedToken], _ file: JSONNode) throws(TokenizerError) {
        var texts: [TokenID: String] = [:]
        texts.reserveCapacity(vocabulary.count)
        try vocabulary.forEach { text, id throws(TokenizerError) in texts[id] = text }
        // Those that the vocabulary lacks are numbered on from its size, whatever ids the file gives them.
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
            // An added token is found in normalized text, and decoded from it.
            texts[id] = token.normalized ?? token.content
        }
        guard let greatest = texts.keys.max() else {
            throw TokenizerError(file.file, "`model.vocab` is empty, and there are no added tokens")
        }
        self.texts = (0...greatest).map { texts[$0] }
    }

    /// One more than the greatest id.
    var count: Int { texts.count }

    /// `nil` for an id that the vocabulary lacks.
    subscript(token: TokenID) -> String? {
        0..<texts.count ~= Int(token) ? texts[Int(token)] : nil
    }
}
