/// An index into a checkpoint's vocabulary.
public typealias TokenID = Int32

/// A BPE tokenizer read from a Hugging Face `tokenizer.json`.
///
/// It gives the ids and the text that the `tokenizers` library gives for the same file. The text is cut at added
/// tokens, normalized, cut into pieces, and the characters of each piece are merged pair by pair.
public struct Tokenizer: Sendable {
    /// One more than the greatest token id.
    public let vocabularySize: Int
    /// Added tokens marked special, by text (`<|endoftext|>` …).
    public let specialTokens: [String: TokenID]

    let decoder: TextDecoder
    private let texts: TokenTexts
    private let specialIDs: Set<TokenID>
    private let normalizer: Normalizer?
    private let preTokenizer: PreTokenizer?
    private let encoder: BytePairEncoder
    private let postProcessor: PostProcessor
    /// Added tokens of the text as it comes, and of normalized text.
    private let plainTokens: AddedTokens
    private let normalizedTokens: AddedTokens

    /// Reads the text of a `tokenizer.json`.
    ///
    /// `path` names the file in errors.
    ///
    /// - Throws: `TokenizerError` that names the field this tokenizer cannot use.
    public init(parsing text: UnsafeRawBufferPointer, path: String) throws(TokenizerError) {
        let file = try TokenizerFile(text, path: path)
        let special = file.addedTokens.filter(\.isSpecial)
        specialTokens = Dictionary(special.map { ($0.content, $0.id) }) { first, _ in first }
        // The library knows a token for special by its text, which normalizing may have changed.
        specialIDs = Set(special.filter { $0.normalized ?? $0.content == $0.content }.map(\.id))
        encoder = try BytePairEncoder(
            file.model, special: Set(special.map(\.id).filter { $0 != file.model.unknown }))
        plainTokens = AddedTokens(file.addedTokens, isNormalized: false)
        normalizedTokens = AddedTokens(file.addedTokens, isNormalized: true)
        texts = file.texts
        decoder = file.decoder
        normalizer = file.normalizer
        preTokenizer = file.preTokenizer
        postProcessor = file.postProcessor
        vocabularySize = texts.count
    }

    /// Token ids of a text.
    ///
    /// Special tokens written in the text become their ids only if `parsingSpecialTokens`; other added tokens
    /// always do. If `addingSpecialTokens`, what the tokenizer puts around a prompt is added, as a beginning-of-text
    /// token: for a completion's prompt, not for a chat's, whose template writes it.
    ///
    /// - Throws: `TokenizationError` where the tokenizer's pattern takes too many steps for the text.
    /// - Complexity: O(n log n) in the length of the longest piece, linear in their number.
    public func encode(
        _ text: String, parsingSpecialTokens: Bool, addingSpecialTokens: Bool = false
    ) throws(TokenizationError) -> [TokenID] {
        let tokens = try encode(
            Array(text.utf8), markers: parsingSpecialTokens ? .everywhere : .nowhere)
        return addingSpecialTokens ? postProcessor.prefix + tokens + postProcessor.suffix : tokens
    }

    /// Token ids of a UTF-8 text in which special tokens count only at the places that `markers` opens.
    ///
    /// The text is encoded as one: words and pairs do not end where a place does.
    ///
    /// - Throws: `TokenizationError` where the tokenizer's pattern takes too many steps for the text.
    public func encode(_ bytes: [UInt8], markers: MarkerPlaces) throws(TokenizationError) -> [TokenID] {
        var tokens: [TokenID] = []
        var scratch = Scratch(expressions: RegularExpression.Scratch(byteCount: bytes.count))
        for section in plainTokens.sections(of: bytes, markers: markers) {
            switch section {
            case .token(let id): tokens.append(id)
            case .text(let range):
                let raw = Array(bytes[range])
                let normal = try normalizer?.normalize(raw, scratch.expressions) ?? raw
                // Normalizing moves places: a stretch of two hands counts as the client's.
                let run = markers.run(at: range.lowerBound)
                let isOpen = run.isOpen && range.upperBound <= run.end
                for part in normalizedTokens.sections(of: normal, markers: isOpen ? .everywhere : .nowhere) {
                    switch part {
                    case .token(let id): tokens.append(id)
                    case .text(let inner):
                        let pieces = Pieces(
                            Array(normal[inner]), beginsText: range.lowerBound == 0 && inner.lowerBound == 0)
                        try encode(pieces, into: &tokens, &scratch)
                    }
                }
            }
        }
        return tokens
    }

    /// Working memory of one call.
    private struct Scratch {
        let expressions: RegularExpression.Scratch
        var merging = BytePairEncoder.Scratch()
    }

    private func encode(
        _ pieces: Pieces, into tokens: inout [TokenID], _ scratch: inout Scratch
    ) throws(TokenizationError) {
        var pieces = pieces
        try preTokenizer?.apply(&pieces, scratch.expressions)
        for range in pieces.ranges {
            encoder.encode(pieces.bytes[range], into: &tokens, &scratch.merging)
        }
    }

    /// A token as the vocabulary spells it; `nil` for an id outside of it.
    func text(of token: TokenID) -> String? {
        texts[token]
    }

    /// The bytes a token stands for (a part of a UTF-8 scalar, possibly); none for an id outside the vocabulary.
    public func bytes(of token: TokenID) -> [UInt8] {
        texts[token].map(decoder.bytes) ?? []
    }

    /// Text of the tokens; invalid UTF-8 becomes U+FFFD.
    public func decode(_ tokens: [TokenID], skippingSpecialTokens: Bool = true) -> String {
        var assembler = TextAssembler(self, skippingSpecialTokens: skippingSpecialTokens)
        var text = ""
        for token in tokens { text += assembler.append(token) }
        return text + assembler.finish()
    }

    /// Whether a token marks structure (a turn, an end) instead of standing for text.
    public func isSpecial(_ token: TokenID) -> Bool {
        specialIDs.contains(token)
    }
}
