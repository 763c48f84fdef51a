/// The tests: `value is name(arguments)`.
extension Interpreter {
    static let testNames: Set<String> = [
        "odd", "even", "divisibleby", "defined", "undefined", "filter", "test", "none", "boolean", "false",
        "true",
        "integer", "float", "lower", "upper", "string", "mapping", "number", "sequence", "iterable",
        "callable",
        "sameas", "escaped", "in", "==", "eq", "equalto", "!=", "ne", ">", "gt", "greaterthan", "ge", ">=",
        "<",
        "lt", "lessthan", "<=", "le",
    ]

    private static let comparisons: [String: Comparison] = [
        "==": .equal, "eq": .equal, "equalto": .equal, "!=": .unequal, "ne": .unequal, ">": .greater,
        "gt": .greater, "greaterthan": .greater, "ge": .greaterOrEqual, ">=": .greaterOrEqual, "<": .less,
        "lt": .less, "lessthan": .less, "<=": .lessOrEqual, "le": .lessOrEqual, "in": .isIn,
    ]

    func test(_ value: Value, _ name: String, _ arguments: Arguments) throws(TemplateError) -> Bool {
        if let comparison = Self.comparisons[name] {
            let other = try arguments.bind(["other"], required: 1, in: name)[0] ?? .none
            return try compare(value, comparison, other)
        }
        switch name {
        case "divisibleby":
            let divisor = try arguments.bind(["num"], required: 1, in: name)[0] ?? .none
            return try equal(try combine(value, .modulo, divisor), .integer(0))
        case "sameas":
            return try isSame(value, try arguments.bind(["other"], required: 1, in: name)[0] ?? .none)
        default: _ = try arguments.bind([], in: name)
        }
        if name == "lower" || name == "upper" { try spend(value.extent.weight) }
        switch name {
        case "odd": return try equal(try combine(value, .modulo, .integer(2)), .integer(1))
        case "even": return try equal(try combine(value, .modulo, .integer(2)), .integer(0))
        case "lower": return try string(of: value).isLowercase
        case "upper": return try string(of: value).isUppercase
        case "filter": return Self.filterNames.contains(try string(of: value).string)
        case "test": return Self.testNames.contains(try string(of: value).string)
        case "callable":
            switch value {
            case .macro, .function, .method, .loop, .undefined: return true
            default: return false
            }
        default:
            guard let holds = kindTest(value, name) else {
                throw TemplateError(.syntax, "there is no test '\(name)'")
            }
            return holds
        }
    }

    /// Tests of a value's kind; `nil` if there is no test of this name.
    private func kindTest(_ value: Value, _ name: String) -> Bool? {
        switch (name, value) {
        case ("undefined", .undefined), ("none", .none), ("boolean", .bool), ("true", .bool(true)),
            ("false", .bool(false)), ("integer", .integer), ("float", .float), ("string", .text),
            ("mapping", .mapping), ("number", .bool), ("number", .integer), ("number", .float),
            ("sequence", .text), ("sequence", .list), ("sequence", .tuple), ("sequence", .mapping),
            ("sequence", .range), ("sequence", .undefined), ("iterable", .iterator), ("iterable", .loop):
            true
        case ("defined", .undefined): false
        case ("defined", _): true
        case ("iterable", _): count(of: value) != nil
        case ("undefined", _), ("none", _), ("boolean", _), ("true", _), ("false", _), ("integer", _),
            ("float", _), ("string", _), ("mapping", _), ("number", _), ("sequence", _), ("escaped", _):
            false
        default: nil
        }
    }

    /// Python's `is`, as far as templates can notice.
    private func isSame(_ left: Value, _ right: Value) throws(TemplateError) -> Bool {
        guard left.typeName == right.typeName else { return false }
        return try equal(left, right)
    }
}
