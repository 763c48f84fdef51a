import JSON

/// The keywords of one schema object, without those that only describe.
struct Keywords {
    private(set) var members: [JSONValue.Member] = []

    /// Keywords that restrict nothing.
    private static let descriptive: Set<String> = [
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$schema",
        "$id",
        "$comment", "$defs", "definitions",
    ]

    private static let ofType: [String: [String]] = [
        "object": ["properties", "required", "additionalProperties"],
        "array": ["items", "prefixItems", "minItems", "maxItems"],
        "string": ["minLength", "maxLength", "pattern", "format"],
        "number": ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
    ]

    init() {}

    /// The keywords of `members`.
    ///
    /// Each must be known and have a valid value.
    init(checking members: [JSONValue.Member], at path: String) throws(SchemaError) {
        for member in members {
            guard let kind = KeywordKind.named[member.name] else {
                throw SchemaError(
                    path: path.pointing(to: member.name), reason: "the keyword is not supported")
            }
            guard self[member.name] == nil else {
                throw SchemaError(path: path.pointing(to: member.name), reason: "the keyword comes twice")
            }
            try kind.check(member.value, at: path.pointing(to: member.name))
            if member.name == "const" {
                self.members.append(.init("enum", .array([member.value])))
            } else if !Self.descriptive.contains(member.name) {
                self.members.append(member)
            }
        }
    }

    subscript(name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(.init(name, value))
            case (nil, nil): break
            }
        }
    }

    /// Whether any keyword applies to values of `type`, one of the four types that have keywords.
    func speaks(of type: String) -> Bool { Self.ofType[type, default: []].contains { self[$0] != nil } }

    /// The approximate cost of merging these with others, in values.
    var size: Int {
        members.reduce(1) { size, member in
            switch member.value {
            case .array(let list): size + list.count
            case .object(let members): size + members.count
            default: size + 1
            }
        }
    }

    func count(_ name: String) -> Int? {
        guard case .integer(let count)? = self[name] else { return nil }
        return count
    }

    func text(_ name: String) -> String? {
        guard case .string(let text)? = self[name] else { return nil }
        return text
    }

    func list(_ name: String) -> [JSONValue]? {
        guard case .array(let list)? = self[name] else { return nil }
        return list
    }

    func map(_ name: String) -> [JSONValue.Member]? {
        guard case .object(let members)? = self[name] else { return nil }
        return members
    }

    /// The strings of a list, or a single string as a list.
    func names(_ name: String) -> [String]? {
        switch self[name] {
        case .string(let text)?: [text]
        case .array(let list)?: list.compactMap { if case .string(let text) = $0 { text } else { nil } }
        default: nil
        }
    }
}

/// The kind of value that a keyword must have.
enum KeywordKind {
    case anything, schema, schemas, schemaMap, count, number, positive, text, names, types, values

    static let named: [String: KeywordKind] = [
        "title": .anything, "description": .anything, "default": .anything, "examples": .anything,
        "deprecated": .anything, "readOnly": .anything, "writeOnly": .anything, "$schema": .anything,
        "$id": .anything, "$comment": .anything, "$defs": .schemaMap, "definitions": .schemaMap,
        "$ref": .text, "anyOf": .schemas, "oneOf": .schemas, "allOf": .schemas,
        "type": .types, "enum": .values, "const": .anything,
        "properties": .schemaMap, "required": .names, "additionalProperties": .schema,
        "items": .schema, "prefixItems": .schemas, "minItems": .count, "maxItems": .count,
        "minLength": .count, "maxLength": .count, "pattern": .text, "format": .text,
        "minimum": .number, "maximum": .number, "exclusiveMinimum": .number, "exclusiveMaximum": .number,
        "multipleOf": .positive,
    ]

    static let typeNames = ["null", "boolean", "object", "array", "string", "integer", "number"]

    func check(_ value: JSONValue, at path: String) throws(SchemaError) {
        if let expected = expectation(of: value) {
            throw SchemaError(path: path, reason: "must be \(expected)")
        }
    }

    /// The kind of value that was expected; `nil` if `value` has it.
    private func expectation(of value: JSONValue) -> String? {
        switch (self, value) {
        case (.anything, _), (.schema, .object), (.schema, .bool), (.schemaMap, .object), (.text, .string):
            nil
        case (.schema, _): "a schema: an object, true or false"
        case (.schemaMap, _): "an object of schemas"
        case (.schemas, .array(let list)): list.isEmpty ? "a list of at least one schema" : nil
        case (.schemas, _): "a list of schemas"
        case (.count, .integer(let count)): count >= 0 ? nil : "0 or more"
        case (.count, _): "a whole number"
        case (.number, .integer), (.number, .number): nil
        case (.number, _): "a number"
        case (.positive, .integer(let number)): number > 0 ? nil : "above 0"
        case (.positive, .number(let number)): number > 0 ? nil : "above 0"
        case (.positive, _): "a number above 0"
        case (.text, _): "a string"
        case (.names, .array(let list)): list.allSatisfy(\.isString) ? nil : "a list of strings"
        case (.names, _): "a list of strings"
        case (.types, .string), (.types, .array): Self.isTypes(value) ? nil : "a JSON type or a list of them"
        case (.types, _): "a JSON type or a list of them"
        case (.values, .array): nil
        case (.values, _): "a list of values"
        }
    }

    private static func isTypes(_ value: JSONValue) -> Bool {
        let list = if case .array(let list) = value { list } else { [value] }
        return !list.isEmpty && list.count <= typeNames.count
            && list.allSatisfy { if case .string(let name) = $0 { typeNames.contains(name) } else { false } }
    }
}

extension JSONValue {
    var isString: Bool { if case .string = self { true } else { false } }

    /// Whether the value is of `type`.
    ///
    /// In JSON Schema, `2.0` is an integer.
    func isOf(type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"),
            (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        case (.number(let number), "integer"): Decimal(number)?.fraction.isEmpty == true
        default: false
        }
    }
}

extension String {
    /// The JSON pointer of the member `name` below this pointer.
    func pointing(to name: String) -> String {
        var escaped = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(self)/\(escaped)"
    }
}
