/// What a choice says: a message, or plain text.
public protocol ChoiceContent: Sendable, Encodable {
    associatedtype Logprobs: Sendable, Encodable
    /// The choice's field that holds it.
    static var field: String { get }
}

/// One choice of a completion.
public struct ResponseChoice<Content: ChoiceContent>: Sendable, Encodable {
    private let index: Int
    private let content: Content
    private let logprobs: Content.Logprobs?
    private let finishReason: String

    public init(index: Int, content: Content, logprobs: Content.Logprobs?, finishReason: String) {
        self.index = index
        self.content = content
        self.logprobs = logprobs
        self.finishReason = finishReason
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(index, forKey: Key(stringValue: "index"))
        try container.encode(content, forKey: Key(stringValue: Content.field))
        // Present even where it is null: clients read the key.
        try container.encode(logprobs, forKey: Key(stringValue: "logprobs"))
        try container.encode(finishReason, forKey: Key(stringValue: "finish_reason"))
    }
}

/// The answer to `POST /v1/chat/completions` or `POST /v1/completions`.
public struct CompletionResponse<Content: ChoiceContent>: Sendable, Encodable {
    private let head: ResponseHead
    private let choices: [ResponseChoice<Content>]
    private let usage: Usage
    private let jostle: RunReport

    public init(head: ResponseHead, choices: [ResponseChoice<Content>], usage: Usage, report: RunReport) {
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
