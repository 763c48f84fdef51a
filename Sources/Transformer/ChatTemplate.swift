/// How chat messages become a prompt.
public enum ChatTemplate: String, Sendable, Hashable, CaseIterable, Codable {
    /// `<|im_start|>role\ncontent<|im_end|>\n` … `<|im_start|>assistant\n`
    case chatML = "chatml"

    public struct Message: Sendable, Hashable {
        public var role: String
        public var content: String
        public init(role: String, content: String) { self.role = role; self.content = content }
    }
    /// Token ids of the rendered conversation, ready for the assistant's turn. Markers written inside a
    /// message's content stay plain text: a client cannot forge a turn.
    public func render(_ messages: [Message], with tokenizer: Tokenizer) -> [TokenID] { fatalError("stub") }
    /// Tokens that end the assistant's turn.
    public func stopTokens(in tokenizer: Tokenizer) -> Set<TokenID> { fatalError("stub") }
}
