/// A token's log-probability in a chat completion.
public struct ChatLogprob: Sendable, Hashable, Encodable {
    public struct Alternative: Sendable, Hashable, Encodable {
        public let token: String
        public let logprob: Float
        public let bytes: [UInt8]

        public init(token: String, logprob: Float, bytes: [UInt8]) {
            self.token = token
            self.logprob = logprob
            self.bytes = bytes
        }
    }

    private let token: String
    private let logprob: Float
    private let bytes: [UInt8]
    private let topLogprobs: [Alternative]

    public init(_ chosen: Alternative, top: [Alternative]) {
        token = chosen.token
        logprob = chosen.logprob
        bytes = chosen.bytes
        topLogprobs = top
    }

    private enum CodingKeys: String, CodingKey {
        case token, logprob, bytes
        case topLogprobs = "top_logprobs"
    }
}

/// The log-probabilities of a choice's tokens, or `null`.
public struct ChatLogprobs: Sendable, Hashable, Encodable {
    public let content: [ChatLogprob]

    public init(content: [ChatLogprob]) {
        self.content = content
    }
}

/// A function call made by the model.
public struct ToolCall: Sendable, Hashable, Encodable {
    fileprivate struct Function: Sendable, Hashable, Encodable {
        let name: String
        let arguments: String
    }

    private let id: String
    private let type = "function"
    fileprivate let function: Function

    /// `arguments`: as the model wrote them; valid JSON unless cut.
    public init(id: String, name: String, arguments: String) {
        self.id = id
        function = Function(name: name, arguments: arguments)
    }

    private enum CodingKeys: String, CodingKey { case id, type, function }
}

/// The message of a chat choice.
public struct AssistantMessage: ChoiceContent {
    public typealias Logprobs = ChatLogprobs
    public static let field = "message"

    private let role = "assistant"
    private let content: String?
    private let refusal: String? = nil
    private let call: ToolCall?
    private let style: ChatTools.Style

    public init(_ content: String) {
        self.content = content
        call = nil
        style = .tools
    }

    /// The call, once there is one.
    public init(_ call: ToolCall?, style: ChatTools.Style) {
        content = nil
        self.call = call
        self.style = style
    }

    private enum CodingKeys: String, CodingKey {
        case role, content, refusal
        case toolCalls = "tool_calls"
        case functionCall = "function_call"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(role, forKey: .role)
        try container.encode(content, forKey: .content)
        try container.encode(refusal, forKey: .refusal)
        guard let call else { return }
        switch style {
        case .tools: try container.encode([call], forKey: .toolCalls)
        case .functions: try container.encode(call.function, forKey: .functionCall)
        }
    }
}
