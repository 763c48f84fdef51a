/// Python's comparisons.
extension Interpreter {
    func compare(_ left: Value, _ comparison: Comparison, _ right: Value) throws(TemplateError) -> Bool {
        switch comparison {
        case .equal: try equal(left, right)
        case .unequal: try !equal(left, right)
        case .less: try precedes(left, right, comparison)
        case .greater: try precedes(right, left, comparison)
        case .lessOrEqual: try !precedes(right, left, comparison)
        case .greaterOrEqual: try !precedes(left, right, comparison)
        case .isIn: try contains(right, left)
        case .isNotIn: try !contains(right, left)
        }
    }

    func equal(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
        try spend()
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.text(let left), .text(let right)):
            guard left.count == right.count else { return false }
            try spend(left.count / Text.lettersPerStep)
            return left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            return try equal(left.values, right.values)
        case (.mapping(let left), .mapping(let right)): return try equal(left, right)
        case (.range(let left), .range(let right)): return left == right
        case (.view(let left), .view(let right)):
            guard left.kind == right.kind, left.kind != .values else { return false }
            return try equal(left.items.values, right.items.values)
        case (.namespace(let left), .namespace(let right)): return left == right
        case (.macro(let left), .macro(let right)): return left == right
        case (.function(let left), .function(let right)): return left == right
        default:
            guard let left = numberKey(left), let right = numberKey(right) else { return false }
            return left == right
        }
    }

    private func equal(_ left: [Value], _ right: [Value]) throws(TemplateError) -> Bool {
        guard left.count == right.count else { return false }
        for (left, right) in zip(left, right) where try !equal(left, right) { return false }
        return true
    }

    private func equal(_ left: Mapping, _ right: Mapping) throws(TemplateError) -> Bool {
        guard left.keys.count == right.keys.count else { return false }
        for (key, value) in left.pairs {
            guard let other = right[key], try equal(value, other) else { return false }
        }
        return true
    }

    private func numberKey(_ value: Value) -> Key? {
        switch value {
        case .bool, .integer, .float: Key(value)
        default: nil
        }
    }

    /// `left < right`.
    func precedes(
        _ left: Value, _ right: Value, _ comparison: Comparison = .less
    ) throws(TemplateError) -> Bool {
        try spend()
        switch (left, right) {
        case (.undefined(let message), _), (_, .undefined(let message)): throw .evaluation(message)
        case (.text(let left), .text(let right)):
            try spend(min(left.count, right.count) / Text.lettersPerStep)
            return left < right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (left, right) in zip(left.values, right.values) where try !equal(left, right) {
                return try precedes(left, right, comparison)
            }
            return left.values.count < right.values.count
        default:
            guard let leftKey = numberKey(left), let rightKey = numberKey(right) else {
                throw .evaluation(
                    "'\(comparison.rawValue)' not supported between instances of '\(left.typeName)' and '\(right.typeName)'"
                )
            }
            switch (leftKey, rightKey) {
            case (.integer(let left), .integer(let right)): return left < right
            case (.integer(let left), .float(let right)): return Double(left) < right
            case (.float(let left), .integer(let right)): return left < Double(right)
            case (.float(let left), .float(let right)): return left < right
            default: return false
            }
        }
    }

    /// `value in container`.
    func contains(_ container: Value, _ value: Value) throws(TemplateError) -> Bool {
        switch container {
        case .text(let text):
            guard case .text(let part) = value else {
                if case .undefined(let message) = value { throw .evaluation(message) }
                throw .evaluation("'in <string>' requires string as left operand, not \(value.typeName)")
            }
            try spend((text.count + part.count) / Text.lettersPerStep)
            return text.firstIndex(of: part) != nil
        case .mapping(let mapping):
            guard Key(value) != nil else { throw .evaluation("unhashable type: '\(value.typeName)'") }
            return mapping[value] != nil
        case .undefined: return false
        default:
            for element in try values(of: container) where try equal(element, value) { return true }
            return false
        }
    }
}
