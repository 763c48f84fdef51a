public import JSON

/// The required format of a completion's text.
public enum ResponseFormat: Sendable, Hashable {
    case text
    /// Any JSON object.
    case object
    /// JSON that follows a schema.
    case schema(JSONValue, name: String)

    private enum Kind: String, CaseIterable {
        case text
        case object = "json_object"
        case schema = "json_schema"
    }

    /// Reads `response_format` of completions.
    init(_ fields: RequestFields) throws(InvalidField) {
        guard let format = try fields.object("response_format") else {
            self = .text
            return
        }
        self = try Self.read(format) { format throws(InvalidField) in
            guard let schema = try format.object("json_schema") else { throw format.missing("json_schema") }
            return schema
        }
    }

    /// Reads `text.format` of responses, which has the schema's fields beside its type.
    init(ofResponse fields: RequestFields) throws(InvalidField) {
        guard let format = try fields.object("text")?.object("format") else {
            self = .text
            return
        }
        self = try Self.read(format) { format in format }
    }

    private static func read(
        _ format: RequestFields, description: (RequestFields) throws(InvalidField) -> RequestFields
    ) throws(InvalidField) -> ResponseFormat {
        guard let kind = try format.choice("type", of: Kind.self) else { throw format.missing("type") }
        switch kind {
        case .text: return .text
        case .object: return .object
        case .schema:
            let description = try description(format)
            guard let name = try description.name("name") else { throw description.missing("name") }
            _ = try description.string("description")
            _ = try description.bool("strict")
            // Without a schema, any JSON is allowed.
            guard let schema = try description.members("schema") else { return .object }
            return .schema(.object(schema), name: name)
        }
    }
}

extension RequestFields {
    /// The name of a schema or a function.
    func name(_ field: String) throws(InvalidField) -> String? {
        guard let name = try string(field) else { return nil }
        guard name.wholeMatch(of: /[a-zA-Z0-9_-]{1,64}/) != nil else {
            throw InvalidField(
                "Invalid '\(path(field))': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]{1,64}$'.",
                param: path(field), code: "invalid_value")
        }
        return name
    }
}
