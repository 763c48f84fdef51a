/// Python's operators.
extension Interpreter {
    /// A value as a number; `nil` if it is not one.
    private enum Number {
        case integer(Int)
        case float(Double)

        init?(_ value: Value) {
            switch value {
            case .bool(let bool): self = .integer(bool ? 1 : 0)
            case .integer(let integer): self = .integer(integer)
            case .float(let float): self = .float(float)
            default: return nil
            }
        }

        var double: Double {
            switch self {
            case .integer(let integer): Double(integer)
            case .float(let float): float
            }
        }
    }

    func combine(
        _ left: Value, _ binary: BinaryOperator, _ right: Value
    ) throws(TemplateError) -> Value {
        if let left = Number(left), let right = Number(right) {
            switch (left, right) {
            case (.integer(let left), .integer(let right)): return try combine(left, binary, right)
            default: return try combine(left.double, binary, right.double)
            }
        }
        switch (left, binary, right) {
        case (.text(let format), .modulo, let value):
            return try made(try formatted(format, with: value))
        case (.undefined(let message), _, _), (_, _, .undefined(let message)): throw .evaluation(message)
        case (.text(let left), .add, .text(let right)): return try made(left + right)
        case (.list(let left), .add, .list(let right)): return .list(try made(left.values + right.values))
        case (.tuple(let left), .add, .tuple(let right)): return .tuple(try made(left.values + right.values))
        case (_, .multiply, .integer(let count)): return try repeated(left, count)
        case (.integer(let count), .multiply, _): return try repeated(right, count)
        case (_, .multiply, .bool(let bool)): return try repeated(left, bool ? 1 : 0)
        default: throw unsupported(left, binary, right)
        }
    }

    private func unsupported(_ left: Value, _ binary: BinaryOperator, _ right: Value) -> TemplateError {
        .evaluation(
            "unsupported operand type(s) for \(binary.rawValue): '\(left.typeName)' and '\(right.typeName)'")
    }

    /// Returns a new list and counts the steps of creating it.
    func made(_ values: [Value]) throws(TemplateError) -> Items {
        try spend(values.count / Text.lettersPerStep)
        return try Items(values)
    }

    private func repeated(_ value: Value, _ count: Int) throws(TemplateError) -> Value {
        let count = max(count, 0)
        func check(_ each: Int, _ limit: Int) throws(TemplateError) {
            guard each == 0 || count <= limit / each else {
                throw TemplateError(.limit, "a repetition is longer than \(limit)")
            }
        }
        switch value {
        case .text(let text):
            try check(text.count, Text.maximumCount)
            return try made(
                Text(Array(repeatElement(text.letters, count: text.isEmpty ? 0 : count).joined())))
        case .list(let items), .tuple(let items):
            try check(items.values.count, Items.maximumCount)
            let times = items.values.isEmpty ? 0 : count
            let repeated = try made(Array(repeatElement(items.values, count: times).joined()))
            if case .list = value { return .list(repeated) }
            return .tuple(repeated)
        default: throw unsupported(value, .multiply, .integer(count))
        }
    }

    private func combine(_ left: Int, _ binary: BinaryOperator, _ right: Int) throws(TemplateError) -> Value {
        let result: (partialValue: Int, overflow: Bool)
        switch binary {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw .evaluation("division by zero") }
            return .float(Double(left) / Double(right))
        case .floorDivide, .modulo:
            guard right != 0 else { throw .evaluation("integer division or modulo by zero") }
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            if overflow { return binary == .modulo ? .integer(0) : try tooLarge() }
            let remainder = left % right
            let rest = remainder != 0 && (remainder < 0) != (right < 0)
            return .integer(
                binary == .modulo ? (rest ? remainder + right : remainder) : quotient - (rest ? 1 : 0))
        case .power: return try power(left, right)
        }
        return result.overflow ? try tooLarge() : .integer(result.partialValue)
    }

    private func tooLarge() throws(TemplateError) -> Value {
        throw TemplateError(.limit, "an integer has more than 64 bits")
    }

    private func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> Value {
        guard exponent >= 0 else {
            guard base != 0 else { throw .evaluation("0 cannot be raised to a negative power") }
            return .float(raised(Double(base), Double(exponent)))
        }
        if exponent == 0 || base == 1 { return .integer(1) }
        if base == 0 { return .integer(0) }
        if base == -1 { return .integer(exponent.isMultiple(of: 2) ? 1 : -1) }
        var result = 1
        for _ in 0..<exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: base)
            if overflow { return try tooLarge() }
            result = product
        }
        return .integer(result)
    }

    private func combine(
        _ left: Double, _ binary: BinaryOperator, _ right: Double
    ) throws(TemplateError) -> Value {
        switch binary {
        case .add: return .float(left + right)
        case .subtract: return .float(left - right)
        case .multiply: return .float(left * right)
        case .power:
            guard left != 0 || right >= 0 else {
                throw .evaluation("0.0 cannot be raised to a negative power")
            }
            return .float(raised(left, right))
        case .divide, .floorDivide, .modulo: break
        }
        guard right != 0 else { throw .evaluation("float division by zero") }
        if binary == .divide { return .float(left / right) }
        var remainder = left.truncatingRemainder(dividingBy: right)
        if remainder != 0, (remainder < 0) != (right < 0) { remainder += right }
        return .float(binary == .modulo ? remainder : ((left - remainder) / right).rounded())
    }

    func negated(_ value: Value) throws(TemplateError) -> Value {
        switch Number(value) {
        case .integer(let integer):
            let (result, overflow) = 0.subtractingReportingOverflow(integer)
            return overflow ? try tooLarge() : .integer(result)
        case .float(let float): return .float(-float)
        case nil: throw badSign("-", value)
        }
    }

    func positive(_ value: Value) throws(TemplateError) -> Value {
        switch Number(value) {
        case .integer(let integer): return .integer(integer)
        case .float(let float): return .float(float)
        case nil: throw badSign("+", value)
        }
    }

    private func badSign(_ sign: String, _ value: Value) -> TemplateError {
        if case .undefined(let message) = value { return .evaluation(message) }
        return .evaluation("bad operand type for unary \(sign): '\(value.typeName)'")
    }
}
