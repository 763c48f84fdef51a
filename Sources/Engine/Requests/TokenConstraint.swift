public import ConstrainedDecoding
public import Tokenizers

/// A model's vocabulary, prepared for constrained decoding.
///
/// Make one per tokenizer and share it.
public final class ConstrainedVocabulary: Sendable {
    let trie: TokenTrie
    let tokenizer: Tokenizer
    /// Tokens of a single byte, in order.
    let byteTokens: [(token: Int, byte: UInt8)]

    /// Whether every byte has a token of its own.
    ///
    /// Without that, an output could get stuck.
    public var hasAllBytes: Bool { Set(byteTokens.map(\.byte)).count == 256 }

    public init(_ tokenizer: Tokenizer) {
        self.tokenizer = tokenizer
        let texts = (0..<TokenID(tokenizer.vocabularySize)).map { token in
            tokenizer.isSpecial(token) ? [] : tokenizer.bytes(of: token)
        }
        trie = TokenTrie(texts)
        byteTokens = texts.enumerated().filter { $1.count == 1 }.map { ($0, $1[0]) }
    }
}

/// A constraint on a completion's text, over the tokens of a model.
public struct TokenConstraint: Sendable {
    let output: OutputConstraint
    let vocabulary: ConstrainedVocabulary

    public init(_ output: OutputConstraint, over vocabulary: ConstrainedVocabulary) {
        self.output = output
        self.vocabulary = vocabulary
    }
}

/// The state of a completion that follows a constraint.
struct ConstrainedText {
    private let vocabulary: ConstrainedVocabulary
    private var matcher: Matcher

    init(_ constraint: TokenConstraint) {
        vocabulary = constraint.vocabulary
        matcher = constraint.output.matcher
    }

    /// Whether the text may end here.
    var isComplete: Bool { matcher.isComplete }

    /// Whether the text is complete and cannot continue.
    var mustEnd: Bool { matcher.mustStop }

    /// Tokens in the vocabulary.
    var tokenCount: Int { vocabulary.trie.tokenCount }

    /// Sets `mask` to the tokens that may come next.
    func allowedTokens(into mask: inout TokenMask) {
        vocabulary.trie.allowedTokens(for: matcher, into: &mask)
    }

    /// Whether this many one-byte tokens suffice to complete the text.
    func canBeCompleted(within tokens: Int) -> Bool { matcher.minimumBytesToFinish <= tokens }

    /// Appends a token; `false`, and no change, if the constraint forbids it.
    mutating func append(_ token: TokenID) -> Bool {
        matcher.advance(vocabulary.tokenizer.bytes(of: token))
    }

    /// Sets `mask` to the one-byte tokens on a shortest path to completion.
    func closingTokens(into mask: inout TokenMask) {
        mask.removeAll()
        let left = matcher.minimumBytesToFinish
        for (token, byte) in vocabulary.byteTokens {
            var next = matcher
            if next.advance(byte), next.minimumBytesToFinish < left { mask[token] = true }
        }
    }
}
