/// The log-probabilities of a text completion's tokens, as four lists of one length.
public struct CompletionLogprobs: Sendable, Hashable, Encodable {
    private var tokens: [String] = []
    private var tokenLogprobs: [Float] = []
    private var topLogprobs: [[String: Float]] = []
    private var textOffset: [Int] = []

    public init() {}

    /// Appends one token; `offset`: where its text begins, in characters from the prompt's start.
    public mutating func append(token: String, logprob: Float, top: [String: Float], offset: Int) {
        tokens.append(token)
        tokenLogprobs.append(logprob)
        topLogprobs.append(top)
        textOffset.append(offset)
    }

    private enum CodingKeys: String, CodingKey {
        case tokens
        case tokenLogprobs = "token_logprobs"
        case topLogprobs = "top_logprobs"
        case textOffset = "text_offset"
    }
}

/// The answer to `POST /v1/completions`.
public struct Completion: Sendable, Encodable {
    public struct Choice: Sendable, Encodable {
        private let index: Int
        private let text: String
        private let logprobs: CompletionLogprobs?
        private let finishReason: String

        public init(index: Int, text: String, logprobs: CompletionLogprobs?, finishReason: String) {
            self.index = index
            self.text = text
            self.logprobs = logprobs
            self.finishReason = finishReason
        }

        private enum CodingKeys: String, CodingKey {
            case index, text, logprobs
            case finishReason = "finish_reason"
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(index, forKey: .index)
            try container.encode(text, forKey: .text)
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
