/// Turns tokens that arrive one at a time into text.
///
/// Text is released once later tokens cannot change it.
///
/// The released parts and the result of `finish()`, concatenated, equal `Tokenizer.decode` of all tokens. A run of byte
/// tokens is released with the token after it: until then, an invalid byte could turn the whole run into U+FFFD.
/// then, a byte that fits no character could undo them all.
public struct TextAssembler: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    private var stages: [DecoderStageRun]

    public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
        stages = tokenizer.decoder.stages.map { DecoderStageRun($0) }
    }

    /// The text that is certain with this token; empty while a scalar is incomplete.
    public mutating func append(_ token: TokenID) -> String {
        if skipsSpecialTokens, tokenizer.isSpecial(token) { return "" }
        guard let text = tokenizer.text(of: token) else { return "" }
        var fragments = [DecoderFragment(Array(text.utf8), endsToken: true)]
        for index in stages.indices { fragments = fragments.flatMap { stages[index].take($0) } }
        return Self.text(fragments)
    }

    /// The rest at the end of the stream: U+FFFD for an incomplete scalar.
    public mutating func finish() -> String {
        var fragments: [DecoderFragment] = []
        for index in stages.indices {
            fragments = fragments.flatMap { stages[index].take($0) } + stages[index].finish()
        }
        stages = tokenizer.decoder.stages.map { DecoderStageRun($0) }
        return Self.text(fragments)
    }

    private static func text(_ fragments: [DecoderFragment]) -> String {
        String(decoding: fragments.flatMap(\.bytes), as: UTF8.self)
    }
}
