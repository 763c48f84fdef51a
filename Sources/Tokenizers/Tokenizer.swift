/// An index into a checkpoint's vocabulary.
public typealias TokenID = Int32

/// A BPE tokenizer read from a Hugging Face `tokenizer.json`.
///
/// It gives the same ids and text as the `tokenizers` library. Encoding cuts the text at added tokens, normalizes it,
/// cuts it into pieces, and merges the characters of each piece pair by pair.
public struct Tokenizer: Sendable {
    /// The greatest token id plus one.
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
    /// Added tokens that are searched for in the original text, and in normalized text.
    private let plainTokens: AddedTokens
    private let normalizedTokens: AddedTokens

    /// Parses the text of a `tokenizer.json`.
    ///
    /// `path` names the file in errors.
    ///
    /// - Throws: `TokenizerError` with the field that cannot be used.
    public init(parsing text: UnsafeRawBufferPointer, path: String) throws(TokenizerError) {
        let file = try TokenizerFile(text, path: path)
        let special = file.addedTokens.filter(\.isSpecial)
        specialTokens = Dictionary(special.map { ($0.content, $0.id) }) { first, _ in first }
        // The library decides by text whether a token is special, and normalization may have changed the text.
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

    /// Encodes a text.
    ///
    /// Special tokens written in the text become their ids only if `parsingSpecialTokens` is true; other added tokens
    /// always do. `addingSpecialTokens` adds the tokens that the tokenizer puts around a prompt, such as
    /// beginning-of-text: use it for completions, not for chats, whose template writes them.
    ///
    /// - Throws: `TokenizationError` if the tokenizer's pattern takes too many steps on the text.
    /// - Complexity: O(n log n) in the length of the longest piece, linear in the number of pieces.
    public func encode(
        _ text: String, parsingSpecialTokens: Bool, addingSpecialTokens: Bool = false
    ) throws(TokenizationError) -> [TokenID] {
        let tokens = try encode(
            Array(text.utf8), markers: parsingSpecialTokens ? .everywhere : .nowhere)
        return addingSpecialTokens ? postProcessor.prefix + tokens + postProcessor.suffix : tokens
    }

    /// Encodes UTF-8 text in which special tokens count only where `markers` allows.
    ///
    /// The text is encoded as a whole: words and merges can cross the borders of these places.
    ///
    /// - Throws: `TokenizationError` if the tokenizer's pattern takes too many steps on the text.
    public func encode(_ bytes: [UInt8], markers: MarkerPlaces) throws(TokenizationError) -> [TokenID] {
        var tokens: [TokenID] = []
        var scratch = Scratch(expressions: RegularExpression.Scratch(byteCount: bytes.count))
        for section in plainTokens.sections(of: bytes, markers: markers) {
            switch section {
            case .token(let id): tokens.append(id)
            case .text(let range):
                let raw = Array(bytes[range])
                let normal = try normalizer?.normalize(raw, scratch.expressions) ?? raw
                // Normalization moves places. A stretch with text from both sides counts as the client's.
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

    /// The token as spelled in the vocabulary; `nil` if there is no such id.
    func text(of token: TokenID) -> String? {
        texts[token]
    }

    /// The bytes of a token, possibly only a part of a UTF-8 scalar; none if there is no such id.
    public func bytes(of token: TokenID) -> [UInt8] {
        texts[token].map(decoder.bytes) ?? []
    }

    /// The text of the tokens.
    ///
    /// Invalid UTF-8 becomes U+FFFD.
    public func decode(_ tokens: [TokenID], skippingSpecialTokens: Bool = true) -> String {
        var assembler = TextAssembler(self, skippingSpecialTokens: skippingSpecialTokens)
        var text = ""
        for token in tokens { text += assembler.append(token) }
        return text + assembler.finish()
    }

    /// Whether a token marks structure, such as the end of a turn, and stands for no text.
    public func isSpecial(_ token: TokenID) -> Bool {
        specialIDs.contains(token)
    }
}
