/// An index into a checkpoint's vocabulary.
public typealias TokenID = Int32

/// A byte-level BPE tokenizer read from a Hugging Face `tokenizer.json`.
///
/// It gives the ids that the `tokenizers` library gives for the same file. The text is cut at added
/// tokens, the rest into words by GPT-2's pattern, and each word's bytes are merged pair by pair. A byte
/// for which the vocabulary has no token is left out, as there.
public struct Tokenizer: Sendable {
    /// One more than the greatest token id.
    public let vocabularySize: Int
    /// Added tokens marked special, by text (`<|endoftext|>` …).
    public let specialTokens: [String: TokenID]

    private let pieces: TokenPieces
    private let specialIDs: Set<TokenID>
    private let addedTokens: AddedTokens
    private let encoder: BytePairEncoder
    /// Whether a text that does not begin with a space is read as if it did.
    private let addsPrefixSpace: Bool

    /// Reads a `tokenizer.json`; throws `CheckpointError` that names the file and what it cannot do with it.
    public init(contentsOf path: String) throws(CheckpointError) {
        let file = try TokenizerFile(contentsOf: path)
        pieces = try TokenPieces(file, path: path)
        encoder = try BytePairEncoder(file.model, path: path)
        addedTokens = AddedTokens(file.addedTokens)
        addsPrefixSpace = file.addsPrefixSpace
        let special = file.addedTokens.filter(\.special)
        specialTokens = Dictionary(special.map { ($0.content, $0.id) }) { first, _ in first }
        specialIDs = Set(special.map(\.id))
        vocabularySize = pieces.count
    }

    /// Token ids of a text.
    ///
    /// Special tokens written in the text become their ids only if `parsingSpecialTokens`; other added
    /// tokens always do.
    ///
    /// - Complexity: O(n log n) in the length of the longest word, linear in their number.
    public func encode(_ text: String, parsingSpecialTokens: Bool) -> [TokenID] {
        let bytes = Array(text.utf8)
        var tokens: [TokenID] = []
        var scratch = BytePairEncoder.Scratch()
        for section in addedTokens.sections(of: bytes, includingSpecial: parsingSpecialTokens) {
            switch section {
            case .token(let id):
                tokens.append(id)
            case .text(let range):
                if addsPrefixSpace, bytes[range.lowerBound] != UInt8(ascii: " ") {
                    encode([UInt8(ascii: " ")] + bytes[range], into: &tokens, &scratch)
                } else {
                    encode(bytes[range], into: &tokens, &scratch)
                }
            }
        }
        return tokens
    }

    private func encode(
        _ bytes: ArraySlice<UInt8>, into tokens: inout [TokenID], _ scratch: inout BytePairEncoder.Scratch
    ) {
        for word in WordScanner(bytes) {
            encoder.encode(bytes[word], into: &tokens, &scratch)
        }
    }

    /// The bytes a token stands for (a part of a UTF-8 scalar, possibly); none for an id outside the vocabulary.
    public func bytes(of token: TokenID) -> [UInt8] {
        Array(pieces[token])
    }

    /// Text of the tokens; invalid UTF-8 becomes U+FFFD.
    public func decode(_ tokens: [TokenID], skippingSpecialTokens: Bool = true) -> String {
        var bytes: [UInt8] = []
        for token in tokens where !(skippingSpecialTokens && isSpecial(token)) {
            bytes += pieces[token]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a token marks structure (a turn, an end) instead of standing for text.
    public func isSpecial(_ token: TokenID) -> Bool {
        specialIDs.contains(token)
    }
}
