import JSON

/// The body of `POST /v1/chat/completions`.
public struct ChatCompletionRequest: Sendable, Hashable {
    public let parameters: GenerationParameters
    public let messages: [ChatMessage]
    public let logprobs: Bool
    /// Number of most likely tokens reported for each position.
    public let topLogprobs: Int
    public let tools: ChatTools

    /// The names of all known fields.
    public static let known = GenerationParameters.names.union([
        "messages", "max_completion_tokens", "top_logprobs", "tools", "tool_choice",
        "parallel_tool_calls", "functions", "function_call", "modalities", "audio", "prediction",
        "reasoning_effort", "verbosity", "web_search_options",
    ])

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        parameters = try GenerationParameters(
            fields,
            maximumTokensField: fields["max_completion_tokens"] == nil
                ? "max_tokens" : "max_completion_tokens")
        messages = try ChatMessage.list(fields)
        logprobs = try fields.bool("logprobs") ?? false
        topLogprobs = try fields.integer("top_logprobs", in: 0...20) ?? 0
        guard logprobs || topLogprobs == 0 else {
            throw InvalidField(
                "Invalid 'top_logprobs': 'logprobs' must be true when 'top_logprobs' is used.",
                param: "top_logprobs")
        }
        tools = try ChatTools(fields)
        try fields.refuse("modalities", unless: .array(["text"]))
        for name in ["audio", "prediction", "web_search_options"] {
            try fields.refuse(name)
        }
    }
}
