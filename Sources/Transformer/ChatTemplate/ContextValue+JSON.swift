import JSON
import Jinja

extension ContextValue {
    /// A value from a request; none of its text counts as the template's.
    init(_ value: JSONValue) {
        switch value {
        case .null: self = .none
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .float(number)
        case .string(let text): self = .text(text)
        case .array(let items): self = .list(items.map { ContextValue($0) })
        case .object(let members): self = .mapping(members.map { Entry($0.name, ContextValue($0.value)) })
        }
    }
}
