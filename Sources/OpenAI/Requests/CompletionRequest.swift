import JSON

/// The body of `POST /v1/completions`.
public struct CompletionRequest: Sendable, Hashable {
    public enum Prompt: Sendable, Hashable {
        case text(String)
        case tokens([Int])
    }

    public let parameters: GenerationParameters
    public let prompts: [Prompt]
    /// Number of most likely tokens reported for each position; `nil`: no log-probabilities.
    public let logprobs: Int?
    /// Whether the completion starts with the prompt.
    public let echo: Bool
    /// Completions generated per prompt.
    ///
    /// The `parameters.count` most likely ones are returned.
    public let bestOf: Int

    /// The names of all known fields.
    public static let known = GenerationParameters.names.union(["prompt", "best_of", "echo", "suffix"])

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        parameters = try GenerationParameters(fields, leastTokens: 0)
        prompts = try Self.prompts(fields)
        logprobs = try fields.integer("logprobs", in: 0...5)
        echo = try fields.bool("echo") ?? false
        bestOf = try fields.integer("best_of", in: 1...max(20, parameters.count)) ?? parameters.count
        guard bestOf >= parameters.count else {
            throw InvalidField(
                "Invalid 'best_of': it must be at least 'n', \(parameters.count).", param: "best_of",
                code: "invalid_value")
        }
        guard bestOf == parameters.count || !parameters.stream else {
            throw InvalidField(
                "Invalid 'best_of': the best of several completions cannot be streamed.", param: "best_of",
                code: "invalid_value")
        }
        try fields.refuse("suffix", unless: "")
    }

    private static func prompts(_ fields: RequestFields) throws(InvalidField) -> [Prompt] {
        // The API's default.
        guard let value = fields["prompt"] else { return [.text("<|endoftext|>")] }
        return try prompts(value, of: "prompt")
    }

    /// A text, several texts, a list of token ids, or several such lists.
    static func prompts(_ value: JSONValue, of field: String) throws(InvalidField) -> [Prompt] {
        let wrongPrompt = InvalidField(
            "Invalid '\(field)': expected a string, an array of strings, an array of token ids or an array of arrays of token ids, none of them empty.",
            param: field, code: "invalid_type")
        if case .string(let text) = value { return [.text(text)] }
        guard case .array(let items) = value, !items.isEmpty else { throw wrongPrompt }
        if let tokens = tokens(items) { return [.tokens(tokens)] }
        var prompts: [Prompt] = []
        for item in items {
            switch item {
            case .string(let text): prompts.append(.text(text))
            case .array(let inner):
                guard let tokens = tokens(inner), !tokens.isEmpty else { throw wrongPrompt }
                prompts.append(.tokens(tokens))
            default: throw wrongPrompt
            }
        }
        return prompts
    }

    private static func tokens(_ items: [JSONValue]) -> [Int]? {
        var tokens: [Int] = []
        for item in items {
            guard case .integer(let token) = item else { return nil }
            tokens.append(token)
        }
        return tokens
    }
}
