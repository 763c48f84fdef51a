public import JSON

/// The body of `POST /v1/responses`: text in, text out, nothing stored.
public struct ResponsesRequest: Sendable, Hashable {
    /// The parameters that it shares with other endpoints.
    public var parameters: GenerationParameters {
        var parameters = GenerationParameters(model: model)
        parameters.maximumTokens = maximumTokens
        parameters.temperature = temperature ?? 1
        parameters.topP = topP ?? 1
        parameters.stream = stream
        parameters.isolation = isolation
        parameters.timeout = timeout
        parameters.responseFormat = responseFormat
        parameters.extensions.ignoresEnd = ignoresEnd
        return parameters
    }

    public let model: String
    public let messages: [ChatMessage]
    public let instructions: String?
    public let maximumTokens: Int?
    public let temperature: Double?
    public let topP: Double?
    public let stream: Bool
    public let isolation: String?
    public let timeout: Double?
    public let responseFormat: ResponseFormat
    /// `text.format` as the client wrote it, or `nil`.
    public let writtenFormat: JSONValue?
    /// As in vLLM.
    public let ignoresEnd: Bool
    public let user: String?
    public let metadata: [String: String]

    /// The names of all known fields.
    public static let known: Set<String> = [
        "model", "input", "instructions", "max_output_tokens", "temperature", "top_p", "stream", "isolation",
        "user", "metadata", "store", "text", "tools", "tool_choice", "truncation", "previous_response_id",
        "parallel_tool_calls", "reasoning", "include", "top_logprobs", "background", "service_tier",
        "safety_identifier", "prompt_cache_key", "conversation", "prompt", "max_tool_calls", "stream_options",
        "ignore_eos", "timeout",
    ]

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        model = try fields.model()
        instructions = try fields.string("instructions")
        let system = instructions.map { [ChatMessage(role: "system", content: $0)] } ?? []
        messages = system + (try Self.messages(fields))
        maximumTokens = try fields.integer("max_output_tokens", in: 1...Int.max)
        temperature = try fields.number("temperature", in: 0...2)
        topP = try fields.number("top_p", in: 0...1)
        stream = try fields.bool("stream") ?? false
        isolation = try fields.string("isolation")
        timeout = try fields.timeout()
        ignoresEnd = try fields.bool("ignore_eos") ?? false
        user = try fields.string("user")
        metadata = try Self.metadata(fields)
        responseFormat = try ResponseFormat(ofResponse: fields)
        writtenFormat = try fields.members("text")?["format"]
        try fields.refuse("tools", unless: .array([]))
        try fields.refuse("tool_choice", unless: "none", "auto")
        try fields.refuse("truncation", unless: "disabled")
        try fields.refuse("include", unless: .array([]))
        try fields.refuse("top_logprobs", unless: .integer(0))
        try fields.refuse("background", unless: .bool(false))
        for name in ["previous_response_id", "conversation", "prompt", "max_tool_calls"] {
            try fields.refuse(name)
        }
    }

    private static func messages(
        _ fields: RequestFields
    ) throws(InvalidField) -> [ChatMessage] {
        guard let input = fields["input"] else {
            throw fields.missing("input")
        }
        switch input {
        case .string(let text): return [ChatMessage(role: "user", content: text)]
        case .array(let items):
            return try ChatMessage.list(items, of: "input") { item, place throws(InvalidField) in
                try message(item, at: place)
            }
        default:
            throw InvalidField(
                "Invalid type for 'input': expected a string or an array of items, but got \(input.kind) instead.",
                param: "input", code: "invalid_type")
        }
    }

    /// A message, with or without its type.
    private static func message(_ item: JSONValue, at place: String) throws(InvalidField) -> ChatMessage {
        guard case .object(let members) = item, members["type"] ?? "message" == "message" else {
            throw InvalidField(
                "Invalid value for '\(place)': this server takes items of type 'message' only.", param: place,
                code: "invalid_value")
        }
        return try ChatMessage(item, at: place, partTypes: ["text", "input_text", "output_text"])
    }

    private static func metadata(_ fields: RequestFields) throws(InvalidField) -> [String: String] {
        var metadata: [String: String] = [:]
        for member in try fields.members("metadata") ?? [] {
            let (key, value) = (member.name, member.value)
            guard case .string(let text) = value else {
                throw InvalidField(
                    "Invalid type for 'metadata.\(key)': expected a string, but got \(value.kind) instead.",
                    param: "metadata", code: "invalid_type")
            }
            metadata[key] = text
        }
        return metadata
    }
}
