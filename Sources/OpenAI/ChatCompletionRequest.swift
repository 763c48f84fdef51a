import JSON

/// The body of `POST /v1/chat/completions`.
public struct ChatCompletionRequest: Sendable, Hashable {
    public struct Message: Sendable, Hashable {
        public let role: String
        public let content: String

        public init(role: String, content: String) {
            self.role = role
            self.content = content
        }
    }

    public let parameters: GenerationParameters
    public let messages: [Message]
    public let logprobs: Bool
    /// Most likely tokens reported beside each chosen one.
    public let topLogprobs: Int

    /// The names of its fields.
    public static let known = GenerationParameters.names.union([
        "messages", "max_completion_tokens", "top_logprobs", "response_format", "tools", "tool_choice",
        "parallel_tool_calls", "functions", "function_call", "modalities", "audio", "prediction",
        "reasoning_effort", "verbosity", "web_search_options",
    ])

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        parameters = try GenerationParameters(
            fields,
            maximumTokensField: fields["max_completion_tokens"] == nil
                ? "max_tokens" : "max_completion_tokens")
        messages = try Self.messages(fields)
        logprobs = try fields.bool("logprobs") ?? false
        topLogprobs = try fields.integer("top_logprobs", in: 0...20) ?? 0
        guard logprobs || topLogprobs == 0 else {
            throw InvalidField(
                "Invalid 'top_logprobs': 'logprobs' must be true when 'top_logprobs' is used.",
                param: "top_logprobs")
        }
        try fields.refuse("response_format", unless: ["type": "text"])
        try fields.refuse("tools", unless: .array([]))
        try fields.refuse("tool_choice", unless: "none", "auto")
        try fields.refuse("modalities", unless: .array(["text"]))
        for name in ["functions", "function_call", "audio", "prediction", "web_search_options"] {
            try fields.refuse(name)
        }
    }

    static func messages(_ fields: RequestFields) throws(InvalidField) -> [Message] {
        guard let values = try fields.array("messages") else {
            throw InvalidField(
                "Missing required parameter: 'messages'.", param: "messages",
                code: "missing_required_parameter")
        }
        guard !values.isEmpty else {
            throw InvalidField(
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                param: "messages", code: "empty_array")
        }
        var messages: [Message] = []
        for (index, value) in values.enumerated() {
            messages.append(try message(value, at: "messages[\(index)]"))
        }
        return messages
    }

    static func message(_ value: JSONValue, at place: String) throws(InvalidField) -> Message {
        guard case .object(let object) = value else {
            throw InvalidField(
                "Invalid type for '\(place)': expected an object, but got \(value.kind) instead.",
                param: place,
                code: "invalid_type")
        }
        guard case .string(let role)? = object["role"] else {
            throw InvalidField(
                "Missing required parameter: '\(place).role'.", param: "\(place).role",
                code: "missing_required_parameter")
        }
        let roles = ["system", "developer", "user", "assistant", "tool", "function"]
        guard roles.contains(role) else {
            throw InvalidField(
                "Invalid value: '\(role)'. Supported values are: \(roles.map { "'\($0)'" }.joined(separator: ", ")).",
                param: "\(place).role", code: "invalid_value")
        }
        return Message(role: role, content: try content(object["content"] ?? .null, at: "\(place).content"))
    }

    /// Text, or parts of it.
    private static func content(_ value: JSONValue, at place: String) throws(InvalidField) -> String {
        switch value {
        case .null: return ""
        case .string(let text): return text
        case .array(let parts):
            var text = ""
            for part in parts {
                guard case .object(let object) = part, object["type"] == "text",
                    case .string(let piece)? = object["text"]
                else {
                    throw InvalidField(
                        "Invalid value for '\(place)': this model takes parts of type 'text' only.",
                        param: place,
                        code: "invalid_value")
                }
                text += piece
            }
            return text
        default:
            throw InvalidField(
                "Invalid type for '\(place)': expected one of a string or array of objects, but got \(value.kind) instead.",
                param: place, code: "invalid_type")
        }
    }
}
