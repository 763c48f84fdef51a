public import JSON

/// What a schema was made from: a plain value that can be encoded, and that the schema can be made from again.
///
/// JSON is encoded as text, for the order of an object's members matters.
public enum SchemaSource: Sendable, Hashable {
    /// Any JSON object.
    case anyObject
    /// Any JSON value.
    case anyValue
    case schema(JSONValue)
    case toolCall([ToolFunction], ToolChoice)

    /// - Throws: `SchemaError` that says where the schema cannot be enforced.
    public func schema() throws(SchemaError) -> JSONSchema {
        switch self {
        case .anyObject: .anyObject
        case .anyValue: .anyValue
        case .schema(let value): try JSONSchema(value)
        case .toolCall(let functions, let choice): try JSONSchema.toolCall(of: functions, choice: choice)
        }
    }
}

extension SchemaSource: Codable {
    private enum Kind: String, Codable { case object, value, schema, tools }

    private enum CodingKeys: String, CodingKey { case kind, schema, functions, name }

    private struct Function: Codable {
        let name: String
        let parameters: String?
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func json(_ text: String, _ key: CodingKeys) throws -> JSONValue {
            do throws(JSONSyntaxError) {
                return try JSONValue(parsing: Array(text.utf8))
            } catch {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: container, debugDescription: "is not valid JSON: \(error)")
            }
        }
        switch try container.decode(Kind.self, forKey: .kind) {
        case .object: self = .anyObject
        case .value: self = .anyValue
        case .schema: self = .schema(try json(container.decode(String.self, forKey: .schema), .schema))
        case .tools:
            let functions = try container.decode([Function].self, forKey: .functions).map { function in
                ToolFunction(
                    name: function.name, parameters: try function.parameters.map { try json($0, .functions) })
            }
            let name = try container.decodeIfPresent(String.self, forKey: .name)
            self = .toolCall(functions, name.map { .named($0) } ?? .required)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .anyObject: try container.encode(Kind.object, forKey: .kind)
        case .anyValue: try container.encode(Kind.value, forKey: .kind)
        case .schema(let value):
            try container.encode(Kind.schema, forKey: .kind)
            try container.encode(value.text, forKey: .schema)
        case .toolCall(let functions, let choice):
            try container.encode(Kind.tools, forKey: .kind)
            try container.encode(
                functions.map { Function(name: $0.name, parameters: $0.parameters?.text) }, forKey: .functions
            )
            if case .named(let name) = choice { try container.encode(name, forKey: .name) }
        }
    }
}
