public import JSON

/// The functions that a chat's model may call, and whether it has to.
public struct ChatTools: Sendable, Hashable {
    public struct Function: Sendable, Hashable {
        public let name: String
        /// The schema of its arguments; `nil`: it has none.
        public let parameters: JSONValue?
    }

    public enum Choice: Sendable, Hashable {
        case none, auto
        /// One of them, whichever.
        case required
        /// The one of this name.
        case function(String)
    }

    /// Of each function, in the request's order.
    public let functions: [Function]
    /// `tools` as the client wrote it, for the chat template.
    public let values: [JSONValue]
    public let choice: Choice

    private static let limit = 128

    /// Reads `tools` and `tool_choice`.
    init(_ fields: RequestFields) throws(InvalidField) {
        values = try fields.array("tools") ?? []
        guard values.count <= Self.limit else {
            throw InvalidField(
                "Invalid 'tools': array too long. Expected an array with maximum length \(Self.limit), but got an array with length \(values.count) instead.",
                param: "tools", code: "array_above_max_length")
        }
        var functions: [Function] = []
        for tool in try fields.objects("tools") ?? [] { functions.append(try Self.function(tool)) }
        self.functions = functions
        choice = try Self.choice(fields) ?? (functions.isEmpty ? .none : .auto)
        switch choice {
        case .none, .auto: break
        case .required where !functions.isEmpty: break
        case .function(let name) where functions.contains { $0.name == name }: break
        case .required:
            throw InvalidField(
                "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
                param: "tool_choice", code: "invalid_value")
        case .function(let name):
            throw InvalidField(
                "Invalid value for 'tool_choice': there is no function named '\(name)' in 'tools'.",
                param: "tool_choice", code: "invalid_value")
        }
    }

    private static func function(_ tool: RequestFields) throws(InvalidField) -> Function {
        let type = try tool.string("type") ?? "function"
        guard type == "function" else { throw tool.unknown("type", type, supported: ["function"]) }
        guard let function = try tool.object("function") else { throw tool.missing("function") }
        guard let name = try function.name("name") else { throw function.missing("name") }
        _ = try function.string("description")
        _ = try function.bool("strict")
        return Function(name: name, parameters: try function.members("parameters").map(JSONValue.object))
    }

    /// A word, or an object that names a function.
    private static func choice(_ fields: RequestFields) throws(InvalidField) -> Choice? {
        guard let value = fields["tool_choice"] else { return nil }
        guard case .string(let word) = value else {
            let named = try RequestFields(value, at: "tool_choice")
            let type = try named.string("type") ?? "function"
            guard type == "function" else { throw named.unknown("type", type, supported: ["function"]) }
            guard let function = try named.object("function") else { throw named.missing("function") }
            guard let name = try function.string("name") else { throw function.missing("name") }
            return .function(name)
        }
        switch word {
        case "none": return Choice.none
        case "auto": return .auto
        case "required": return .required
        default: throw fields.unknown("tool_choice", word, supported: ["none", "auto", "required"])
        }
    }
}
