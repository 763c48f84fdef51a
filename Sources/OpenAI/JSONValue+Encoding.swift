public import JSON

extension JSONValue: Encodable {
    /// The encoder orders the members.
    ///
    /// Of duplicate names, the last one counts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let items): try container.encode(items)
        case .object(let members):
            var object = encoder.container(keyedBy: MemberName.self)
            for member in members {
                try object.encode(member.value, forKey: MemberName(stringValue: member.name))
            }
        }
    }
}
