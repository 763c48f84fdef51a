/// A token's log-probability as chat completions report it.
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

/// `null`, or the log-probabilities of a choice's tokens.
public struct ChatLogprobs: Sendable, Hashable, Encodable {
    public let content: [ChatLogprob]

    public init(content: [ChatLogprob]) {
        self.content = content
    }
}

/// The answer to `POST /v1/chat/completions`.
public struct ChatCompletion: Sendable, Encodable {
    public struct Message: Sendable, Encodable {
        private let role = "assistant"
        private let content: String
        private let refusal: String? = nil

        public init(content: String) {
            self.content = content
        }

        private enum CodingKeys: String, CodingKey { case role, content, refusal }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(role, forKey: .role)
            try container.encode(content, forKey: .content)
            try container.encode(refusal, forKey: .refusal)
        }
    }

    public struct Choice: Sendable, Encodable {
        private let index: Int
        private let message: Message
        private let logprobs: ChatLogprobs?
        private let finishReason: String

        public init(index: Int, message: Message, logprobs: ChatLogprobs?, finishReason: String) {
            self.index = index
            self.message = message
            self.logprobs = logprobs
            self.finishReason = finishReason
        }

        private enum CodingKeys: String, CodingKey {
            case index, message, logprobs
            case finishReason = "finish_reason"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(index, forKey: .index)
            try container.encode(message, forKey: .message)
            // Present even where it is null: clients read the key.
            try container.encode(logprobs, forKey: .logprobs)
            try container.encode(finishReason, forKey: .finishReason)
        }
    }

    private let head: ResponseHead
    private let choices: [Choice]
    private let usage: Usage
    private let jostle: RunReport

    public init(head: ResponseHead, choices: [Choice], usage: Usage, report: RunReport) {
        self.head = head
        self.choices = choices
        self.usage = usage
        jostle = report
    }

    private enum CodingKeys: String, CodingKey { case choices, usage, jostle }

    public func encode(to encoder: any Encoder) throws {
        try head.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(choices, forKey: .choices)
        try container.encode(usage, forKey: .usage)
        try container.encode(jostle, forKey: .jostle)
    }
}
