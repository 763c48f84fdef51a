public import JSON

/// The body of `POST /tokenize`, as in vLLM: a prompt or a chat.
public struct TokenizeRequest: Sendable, Hashable {
    public enum Text: Sendable, Hashable {
        /// `addsSpecialTokens`: whether to add the tokens that a completion's prompt starts with.
        case prompt(String, addsSpecialTokens: Bool)
        case chat([ChatMessage], tools: [JSONValue])
    }

    public let model: String
    public let text: Text
    /// Whether to return each token's text too.
    public let returnsTexts: Bool

    /// The names of all known fields.
    public static let known: Set<String> = [
        "model", "prompt", "messages", "add_special_tokens", "return_token_strs", "add_generation_prompt",
        "tools",
    ]

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        model = try fields.model()
        returnsTexts = try fields.bool("return_token_strs") ?? false
        try fields.refuse("add_generation_prompt", unless: .bool(true))
        let tools = try ChatTools(fields).values
        let addsSpecialTokens = try fields.bool("add_special_tokens") ?? true
        if let prompt = try fields.string("prompt") {
            guard fields["messages"] == nil else {
                throw InvalidField(
                    "Invalid 'messages': a prompt is given beside them. Leave out one of the two.",
                    param: "messages", code: "invalid_value")
            }
            text = .prompt(prompt, addsSpecialTokens: addsSpecialTokens)
        } else {
            text = .chat(try ChatMessage.list(fields), tools: tools)
        }
    }
}

/// The response of `POST /tokenize`.
public struct TokenizeResponse: Sendable, Encodable {
    private let count: Int
    private let maximumLength: Int
    private let tokens: [Int32]
    private let texts: [String]?

    public init(tokens: [Int32], texts: [String]?, maximumLength: Int) {
        count = tokens.count
        self.maximumLength = maximumLength
        self.tokens = tokens
        self.texts = texts
    }

    private enum CodingKeys: String, CodingKey {
        case count, tokens
        case maximumLength = "max_model_len"
        case texts = "token_strs"
    }
}

/// The body of `POST /detokenize`.
public struct DetokenizeRequest: Sendable, Hashable {
    public let model: String
    public let tokens: [Int]

    /// The names of all known fields.
    public static let known: Set<String> = ["model", "tokens"]

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        model = try fields.model()
        guard let tokens = try fields.integers("tokens") else { throw fields.missing("tokens") }
        self.tokens = tokens
    }
}

/// The response of `POST /detokenize`.
public struct DetokenizeResponse: Sendable, Encodable {
    private let prompt: String

    public init(prompt: String) {
        self.prompt = prompt
    }
}
