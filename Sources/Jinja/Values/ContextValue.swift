/// A value passed to a template.
public indirect enum ContextValue: Sendable, Hashable {
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    /// Text from the request: nothing in it counts as the template's.
    case text(String)
    /// Text that counts as the template's, such as the checkpoint's special tokens.
    case templateText(String)
    case list([ContextValue])
    /// Keys and values in order. Of equal keys, the last one counts.
    case mapping([Entry])

    /// A key of a mapping.
    ///
    /// Keys count as the request's text.
    public struct Entry: Sendable, Hashable {
        public let key: String
        public let value: ContextValue

        public init(_ key: String, _ value: ContextValue) {
            self.key = key
            self.value = value
        }
    }
}

extension ContextValue {
    func value() throws(TemplateError) -> Value {
        switch self {
        case .none: return .none
        case .bool(let bool): return .bool(bool)
        case .integer(let integer): return .integer(integer)
        case .float(let float): return .float(float)
        case .text(let string): return .text(Text(string, isTemplate: false))
        case .templateText(let string): return .text(Text(string))
        case .list(let items):
            var values: [Value] = []
            values.reserveCapacity(items.count)
            for item in items { values.append(try item.value()) }
            return .list(try Items(values))
        case .mapping(let entries):
            var pairs: [(key: Value, value: Value)] = []
            for entry in entries {
                pairs.append((.text(Text(entry.key, isTemplate: false)), try entry.value.value()))
            }
            return .mapping(try Mapping(pairs))
        }
    }
}
