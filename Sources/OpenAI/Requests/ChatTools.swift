public import JSON

/// The functions that a chat's model may call, and whether it must call one.
public struct ChatTools: Sendable, Hashable {
    public struct Function: Sendable, Hashable {
        public let name: String
        /// The schema of its arguments; `nil` if it has none.
        public let parameters: JSONValue?
    }

    public enum Choice: Sendable, Hashable {
        case none, auto
        /// Any function.
        case required
        /// The function with this name.
        case function(String)
    }

    /// Which fields they came in.
    public enum Style: Sendable, Hashable {
        /// `tools` and `tool_choice`.
        case tools
        /// `functions` and `function_call`, as clients of 2023 send.
        case functions
    }

    /// The functions, in the request's order.
    public let functions: [Function]
    /// The functions as `tools` writes them, for the chat template.
    public let values: [JSONValue]
    public let choice: Choice
    public let style: Style

    private static let limit = 128

    /// Reads `tools` and `tool_choice`, or `functions` and `function_call`.
    init(_ fields: RequestFields) throws(InvalidField) {
        style = fields["functions"] == nil && fields["function_call"] == nil ? .tools : .functions
        let (list, choiceField) =
            switch style {
            case .tools: ("tools", "tool_choice")
            case .functions: ("functions", "function_call")
            }
        if style == .functions, fields["tools"] != nil {
            throw InvalidField(
                "Invalid 'functions': 'tools' are given beside them. Leave out one of the two.",
                param: "functions", code: "invalid_value")
        }
        let written = try fields.array(list, limit: Self.limit) ?? []
        var functions: [Function] = []
        for item in try fields.objects(list) ?? [] {
            functions.append(style == .tools ? try Self.tool(item) : try Self.function(item))
        }
        self.functions = functions
        values = style == .tools ? written : written.map { ["type": "function", "function": $0] }
        choice = try Self.choice(fields, choiceField, style) ?? (functions.isEmpty ? .none : .auto)
        switch choice {
        case .none, .auto: break
        case .required where !functions.isEmpty: break
        case .function(let name) where functions.contains { $0.name == name }: break
        case .required:
            throw InvalidField(
                "Invalid value for '\(choiceField)': '\(choiceField)' is only allowed when '\(list)' are specified.",
                param: choiceField, code: "invalid_value")
        case .function(let name):
            throw InvalidField(
                "Invalid value for '\(choiceField)': there is no function named '\(name)' in '\(list)'.",
                param: choiceField, code: "invalid_value")
        }
    }

    private static func tool(_ tool: RequestFields) throws(InvalidField) -> Function {
        let type = try tool.string("type") ?? "function"
        guard type == "function" else { throw tool.unknown("type", type, supported: ["function"]) }
        guard let function = try tool.object("function") else { throw tool.missing("function") }
        return try self.function(function)
    }

    private static func function(_ function: RequestFields) throws(InvalidField) -> Function {
        guard let name = try function.name("name") else { throw function.missing("name") }
        _ = try function.string("description")
        _ = try function.bool("strict")
        return Function(name: name, parameters: try function.members("parameters").map(JSONValue.object))
    }

    /// A word, or an object that names a function.
    private static func choice(
        _ fields: RequestFields, _ field: String, _ style: Style
    ) throws(InvalidField) -> Choice? {
        guard let value = fields[field] else { return nil }
        guard case .string(let word) = value else {
            let object = try RequestFields(value, at: field)
            guard style == .tools else {
                guard let name = try object.string("name") else { throw object.missing("name") }
                return .function(name)
            }
            let type = try object.string("type") ?? "function"
            guard type == "function" else { throw object.unknown("type", type, supported: ["function"]) }
            guard let function = try object.object("function") else { throw object.missing("function") }
            guard let name = try function.string("name") else { throw function.missing("name") }
            return .function(name)
        }
        switch (word, style) {
        case ("none", _): return Choice.none
        case ("auto", _): return .auto
        case ("required", .tools): return .required
        default:
            throw fields.unknown(
                field, word, supported: ["none", "auto"] + (style == .tools ? ["required"] : []))
        }
    }
}
