/// An index into a checkpoint's vocabulary.
public typealias TokenID = Int32

/// A byte-level BPE tokenizer read from a Hugging Face `tokenizer.json`.
public struct Tokenizer: Sendable {
    public let vocabularySize: Int
    /// Added tokens marked special, by text (`<|endoftext|>` …).
    public let specialTokens: [String: TokenID]

    /// Reads a `tokenizer.json`; throws `CheckpointError` that names the file and what it cannot do with it.
    public init(contentsOf path: String) throws(CheckpointError) { fatalError("stub") }

    /// Token ids of a text. Special tokens written in the text become their ids only if `parsingSpecialTokens`.
    public func encode(_ text: String, parsingSpecialTokens: Bool) -> [TokenID] { fatalError("stub") }
    /// The bytes a token stands for (a part of a UTF-8 scalar, possibly).
    public func bytes(of token: TokenID) -> [UInt8] { fatalError("stub") }
    /// Text of the tokens; invalid UTF-8 becomes U+FFFD.
    public func decode(_ tokens: [TokenID], skippingSpecialTokens: Bool = true) -> String { fatalError("stub") }
}
