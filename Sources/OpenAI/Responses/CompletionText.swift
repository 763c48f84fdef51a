/// The log-probabilities of a text completion's tokens, as four lists of equal length.
public struct CompletionLogprobs: Sendable, Hashable, Encodable {
    private var tokens: [String] = []
    private var tokenLogprobs: [Float?] = []
    private var topLogprobs: [[String: Float]?] = []
    private var textOffset: [Int] = []

    public init() {}

    /// Appends a token.
    ///
    /// `offset`: start of its text in characters, counted from the start of the prompt.
    ///
    /// A prompt's first token has no log-probability and no alternatives.
    public mutating func append(token: String, logprob: Float?, top: [String: Float]?, offset: Int) {
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

/// The text of a completion choice.
public struct CompletionText: ChoiceContent {
    public typealias Logprobs = CompletionLogprobs
    public static let field = "text"

    private let text: String

    public init(_ text: String) {
        self.text = text
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
