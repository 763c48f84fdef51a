import JSON

/// The content of a choice: a message, or plain text.
public protocol ChoiceContent: Sendable, Encodable {
    associatedtype Logprobs: Sendable, Encodable
    /// Name of the choice's field that holds it.
    static var field: String { get }
}

/// vLLM's additional fields of a choice, under vLLM's names.
public struct TokenReport: Sendable, Encodable {
    public var tokenIDs: [Int32]?
    public var promptTokenIDs: [Int32]?
    public var promptLogprobs: PromptLogprobs?

    public init() {}

    private enum CodingKeys: String, CodingKey {
        case tokenIDs = "token_ids"
        case promptTokenIDs = "prompt_token_ids"
        case promptLogprobs = "prompt_logprobs"
    }

    /// The prompt's fields, and the completion's fields.
    public var ofPrompt: TokenReport {
        var part = self
        part.tokenIDs = nil
        return part
    }

    public var ofCompletion: TokenReport {
        var part = TokenReport()
        part.tokenIDs = tokenIDs
        return part
    }
}

/// Log-probabilities of a prompt's tokens: `null` for the first, then objects by token id.
public struct PromptLogprobs: Sendable, Encodable {
    public struct Entry: Sendable, Encodable {
        private let logprob: Float
        private let rank: Int
        private let decodedToken: String

        public init(logprob: Float, rank: Int, text: String) {
            self.logprob = logprob
            self.rank = rank
            decodedToken = text
        }

        private enum CodingKeys: String, CodingKey {
            case logprob, rank
            case decodedToken = "decoded_token"
        }
    }

    private let entries: [[String: Entry]?]

    /// `entries`: for the tokens after the first, by id.
    public init(_ entries: [[Int32: Entry]]) {
        self.entries =
            [nil] + entries.map { entry in Dictionary(uniqueKeysWithValues: entry.map { ("\($0)", $1) }) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }
}

/// One choice of a completion.
public struct ResponseChoice<Content: ChoiceContent>: Sendable, Encodable {
    private let index: Int
    private let content: Content
    private let logprobs: Content.Logprobs?
    private let finishReason: String
    private let tokens: TokenReport

    public init(
        index: Int, content: Content, logprobs: Content.Logprobs?, finishReason: String,
        tokens: TokenReport = TokenReport()
    ) {
        self.index = index
        self.content = content
        self.logprobs = logprobs
        self.finishReason = finishReason
        self.tokens = tokens
    }

    public func encode(to encoder: any Encoder) throws {
        try tokens.encode(to: encoder)
        var container = encoder.container(keyedBy: MemberName.self)
        try container.encode(index, forKey: MemberName(stringValue: "index"))
        try container.encode(content, forKey: MemberName(stringValue: Content.field))
        // Written even if null: clients read the key.
        try container.encode(logprobs, forKey: MemberName(stringValue: "logprobs"))
        try container.encode(finishReason, forKey: MemberName(stringValue: "finish_reason"))
    }
}

/// The response of `POST /v1/chat/completions` or `POST /v1/completions`.
public struct CompletionResponse<Content: ChoiceContent>: Sendable, Encodable {
    private let head: ResponseHead
    private let choices: [ResponseChoice<Content>]
    private let usage: Usage
    private let jostle: RunReport
    private let tokens: TokenReport

    /// `tokens`: the prompt's fields, which chat completions put beside the choices.
    public init(
        head: ResponseHead, choices: [ResponseChoice<Content>], usage: Usage, report: RunReport,
        tokens: TokenReport = TokenReport()
    ) {
        self.tokens = tokens
        self.head = head
        self.choices = choices
        self.usage = usage
        jostle = report
    }

    private enum CodingKeys: String, CodingKey { case choices, usage, jostle }

    public func encode(to encoder: any Encoder) throws {
        try head.encode(to: encoder)
        try tokens.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(choices, forKey: .choices)
        try container.encode(usage, forKey: .usage)
        try container.encode(jostle, forKey: .jostle)
    }
}
