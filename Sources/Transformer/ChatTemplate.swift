/// How chat messages become a prompt.
public enum ChatTemplate: String, Sendable, Hashable, CaseIterable, Codable {
    /// `<|im_start|>role\ncontent<|im_end|>\n` … `<|im_start|>assistant\n`
    case chatML = "chatml"

    public struct Message: Sendable, Hashable {
        public var role: String
        public var content: String

        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }
    }

    private static let start = "<|im_start|>"
    private static let end = "<|im_end|>"
    private static let endOfText = "<|endoftext|>"

    /// Token ids of the rendered conversation, ready for the assistant's turn.
    ///
    /// Markers written inside a message's content stay plain text: a client cannot forge a turn. Where the
    /// vocabulary has no special token for a marker, the marker itself is plain text.
    public func render(
        _ messages: [Message], with tokenizer: Tokenizer
    ) throws(TokenizationError) -> [TokenID] {
        func plain(_ text: String) throws(TokenizationError) -> [TokenID] {
            try tokenizer.encode(text, parsingSpecialTokens: false)
        }
        func marker(_ text: String) throws(TokenizationError) -> [TokenID] {
            if let token = tokenizer.specialTokens[text] { return [token] }
            return try plain(text)
        }
        let start = try marker(Self.start)
        let end = try marker(Self.end) + plain("\n")
        var tokens: [TokenID] = []
        for message in messages { tokens += try start + plain(message.role + "\n" + message.content) + end }
        return try tokens + start + plain("assistant\n")
    }

    /// Tokens that end the assistant's turn: `<|im_end|>` and `<|endoftext|>`, where the vocabulary has them.
    public func stopTokens(in tokenizer: Tokenizer) -> Set<TokenID> {
        Set([Self.end, Self.endOfText].compactMap { tokenizer.specialTokens[$0] })
    }
}
