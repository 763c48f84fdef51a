public import ConstrainedDecoding
public import Transformer

/// The tokens of a model, prepared for outputs that follow a constraint; made once per tokenizer, and shared.
public final class ConstrainedVocabulary: Sendable {
    let trie: TokenTrie
    let tokenizer: Tokenizer

    /// Whether every byte is a token of its own, without which an output could get stuck.
    public let hasAllBytes: Bool

    public init(_ tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        let texts = (0..<TokenID(tokenizer.vocabularySize)).map { token in
            tokenizer.isSpecial(token) ? [] : tokenizer.bytes(of: token)
        }
        trie = TokenTrie(texts)
        hasAllBytes = Set(texts.lazy.filter { $0.count == 1 }.map { $0[0] }).count == 256
    }
}

/// What a completion's text has to look like, over the tokens of a model.
public struct TokenConstraint: Sendable {
    let output: OutputConstraint
    let vocabulary: ConstrainedVocabulary

    public init(_ output: OutputConstraint, over vocabulary: ConstrainedVocabulary) {
        self.output = output
        self.vocabulary = vocabulary
    }
}

/// A completion that follows a constraint, as far as it has come.
struct ConstrainedText {
    private let vocabulary: ConstrainedVocabulary
    private var matcher: Matcher

    init(_ constraint: TokenConstraint) {
        vocabulary = constraint.vocabulary
        matcher = constraint.output.matcher
    }

    /// Whether the text may end here.
    var isComplete: Bool { matcher.isComplete }

    /// Whether it must.
    var mustEnd: Bool { matcher.mustStop }

    /// Tokens in the vocabulary.
    var tokenCount: Int { vocabulary.trie.tokenCount }

    /// Sets `mask` to the tokens that may come next.
    func allowedTokens(into mask: inout TokenMask) {
        vocabulary.trie.allowedTokens(for: matcher, into: &mask)
    }

    /// Whether so many tokens, of a byte each, suffice to complete the text.
    func canBeCompleted(within tokens: Int) -> Bool { matcher.minimumBytesToFinish <= tokens }

    /// Takes a token; `false`, and no change, where it must not come next.
    mutating func append(_ token: TokenID) -> Bool {
        matcher.advance(vocabulary.tokenizer.bytes(of: token))
    }

    /// Sets `mask` to the tokens of one byte on a shortest way to completion.
    func closingTokens(into mask: inout TokenMask) {
        allowedTokens(into: &mask)
        for token in mask where !isOnShortestWay(TokenID(token)) { mask[token] = false }
    }

    private func isOnShortestWay(_ token: TokenID) -> Bool {
        let bytes = vocabulary.tokenizer.bytes(of: token)
        guard bytes.count == 1 else { return false }
        var next = matcher
        return next.advance(bytes) && next.minimumBytesToFinish < matcher.minimumBytesToFinish
    }
}
