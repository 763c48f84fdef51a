public import JSON

/// A chat message.
public struct ChatMessage: Sendable, Hashable {
    public let role: String
    /// Its text; empty if there is none.
    public let content: String
    /// Other fields for the chat template: `name`, `tool_calls` and `tool_call_id`, if present.
    ///
    /// The arguments of a call are parsed to an object, as templates expect.
    public let others: [JSONValue.Member]

    public init(role: String, content: String) {
        self.role = role
        self.content = content
        others = []
    }

    static let roles = ["system", "developer", "user", "assistant", "tool", "function"]

    /// Reads `messages`.
    static func list(_ fields: RequestFields) throws(InvalidField) -> [ChatMessage] {
        guard let values = try fields.array("messages") else { throw fields.missing("messages") }
        return try list(values, of: "messages") { value, place throws(InvalidField) in
            try ChatMessage(value, at: place)
        }
    }

    /// Reads a non-empty array of messages.
    static func list(
        _ values: [JSONValue], of field: String,
        message: (JSONValue, String) throws(InvalidField) -> ChatMessage
    ) throws(InvalidField) -> [ChatMessage] {
        guard !values.isEmpty else {
            throw InvalidField(
                "Invalid '\(field)': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                param: field, code: "empty_array")
        }
        var messages: [ChatMessage] = []
        for (index, value) in values.enumerated() {
            messages.append(try message(value, "\(field)[\(index)]"))
        }
        return messages
    }

    /// `partTypes`: the allowed types of text parts.
    init(_ value: JSONValue, at place: String, partTypes: Set<String> = ["text"]) throws(InvalidField) {
        let fields = try RequestFields(value, at: place)
        guard let role = try fields.string("role") else { throw fields.missing("role") }
        guard Self.roles.contains(role) else { throw fields.unknown("role", role, supported: Self.roles) }
        self.role = role
        content = try Self.content(fields, partTypes)
        var others: [JSONValue.Member] = []
        for name in ["name", "tool_call_id"] {
            if let text = try fields.string(name) { others.append(.init(name, .string(text))) }
        }
        var calls: [JSONValue] = []
        // Templates know only the newer spelling.
        if let function = try fields.object("function_call") { calls.append(try Self.call(of: function)) }
        for call in try fields.objects("tool_calls") ?? [] { calls.append(try Self.call(call)) }
        if !calls.isEmpty { others.append(.init("tool_calls", .array(calls))) }
        self.others = others
    }

    /// A string, or an array of text parts.
    private static func content(
        _ fields: RequestFields, _ partTypes: Set<String>
    ) throws(InvalidField) -> String {
        let place = fields.path("content")
        switch fields["content"] ?? .null {
        case .null: return ""
        case .string(let text): return text
        case .array(let parts):
            var text = ""
            for part in parts {
                guard case .object(let members) = part, case .string(let type)? = members["type"],
                    partTypes.contains(type), case .string(let piece)? = members["text"]
                else {
                    throw InvalidField(
                        "Invalid value for '\(place)': this model takes parts of type 'text' only.",
                        param: place, code: "invalid_value")
                }
                text += piece
            }
            return text
        case let value:
            throw InvalidField(
                "Invalid type for '\(place)': expected one of a string or array of objects, but got \(value.kind) instead.",
                param: place, code: "invalid_type")
        }
    }

    private static func call(_ call: RequestFields) throws(InvalidField) -> JSONValue {
        guard let function = try call.object("function") else { throw call.missing("function") }
        return try Self.call(of: function, id: try call.string("id"))
    }

    private static func call(of function: RequestFields, id: String? = nil) throws(InvalidField) -> JSONValue
    {
        guard let name = try function.string("name") else { throw function.missing("name") }
        let text = try function.string("arguments") ?? "{}"
        // A model may have written invalid JSON. It is passed on unchanged.
        let arguments = (try? JSONValue(parsing: Array(text.utf8))) ?? .string(text)
        return .object(
            (id.map { [.init("id", .string($0))] } ?? []) + [
                .init("type", "function"),
                .init("function", ["name": .string(name), "arguments": arguments]),
            ])
    }
}
