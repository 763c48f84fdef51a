/// A JSON value with its strings as they are written and the members of its objects in their order.
///
/// Strings are equal where their code points are: JSON does not know that two spellings of é are the same, and a
/// vocabulary has both.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A number that is written as an integer and that an `Int` can hold.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// In the order of the text, names that come twice and all.
    case object([Member])

    /// One name of an object with its value.
    public struct Member: Sendable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// What the value is, in the words of the standard.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The first name that comes twice in one object: readers differ in which of the two they take.
    public var firstRepeatedName: String? {
        switch self {
        case .array(let items): return items.lazy.compactMap(\.firstRepeatedName).first
        case .object(let members):
            var names: Set<JSONValue> = []
            for member in members {
                guard names.insert(.string(member.name)).inserted else { return member.name }
                if let name = member.value.firstRepeatedName { return name }
            }
            return nil
        default: return nil
        }
    }
}

extension [JSONValue.Member] {
    /// The value of a name; where it comes twice, the last one counts.
    public subscript(name: String) -> JSONValue? { last { $0.name == name }?.value }
}

extension JSONValue: Hashable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .integer(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let text): for byte in text.utf8 { hasher.combine(byte) }
        case .array(let items): hasher.combine(items)
        case .object(let members): hasher.combine(members)
        }
    }
}

extension JSONValue.Member: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        for byte in name.utf8 { hasher.combine(byte) }
        hasher.combine(value)
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        self = .string(text)
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0, $1) })
    }
}
