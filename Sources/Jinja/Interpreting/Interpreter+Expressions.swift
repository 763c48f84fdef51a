extension Interpreter {
    func evaluate(_ expression: Expression) throws(TemplateError) -> Value {
        try enter()
        defer { leave() }
        do throws(TemplateError) {
            try spend()
            return try value(of: expression.kind)
        } catch {
            throw error.located(at: expression.line)
        }
    }

    private func value(of expression: Expression.Kind) throws(TemplateError) -> Value {
        switch expression {
        case .none: .none
        case .bool(let bool): .bool(bool)
        case .integer(let integer): .integer(integer)
        case .float(let float): .float(float)
        case .text(let text): .text(text)
        case .name(let name): lookUp(name)
        case .list(let items): .list(try Items(try evaluate(items)))
        case .tuple(let items): .tuple(try Items(try evaluate(items)))
        case .mapping(let pairs): try mapping(pairs)
        case .attribute(let object, let name): try attribute(name, of: try evaluate(object))
        case .item(let object, let key): try item(try evaluate(key), of: try evaluate(object))
        case .slice(let object, let start, let stop, let step): try slice(object, start, stop, step)
        case .call(let callee, let arguments): try call(try evaluate(callee), try evaluate(arguments))
        case .filter(let value, let name, let arguments): try filter(value, name, arguments)
        case .test(let value, let name, let arguments):
            .bool(try test(try evaluate(value), name, try evaluate(arguments)))
        default: try operation(expression)
        }
    }

    /// A separate function, because each level of recursion takes the stack space of the whole function.
    private func operation(_ expression: Expression.Kind) throws(TemplateError) -> Value {
        switch expression {
        case .negative(let value): try negated(try evaluate(value))
        case .positive(let value): try positive(try evaluate(value))
        case .not(let value): .bool(try !evaluate(value).isTrue)
        case .and(let left, let right): try and(left, right)
        case .or(let left, let right): try or(left, right)
        case .binary(let binary, let left, let right):
            try combine(try evaluate(left), binary, try evaluate(right))
        case .concatenation(let parts): try concatenation(parts)
        case .comparison(let first, let others): try comparison(first, others)
        case .conditional(let test, let then, let otherwise): try conditional(test, then, otherwise)
        default: .none
        }
    }

    func evaluate(_ expressions: [Expression]) throws(TemplateError) -> [Value] {
        var values: [Value] = []
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private func mapping(_ pairs: [(key: Expression, value: Expression)]) throws(TemplateError) -> Value {
        var values: [(key: Value, value: Value)] = []
        for (key, value) in pairs { values.append((try evaluate(key), try evaluate(value))) }
        return .mapping(try Mapping(values))
    }

    private func and(_ left: Expression, _ right: Expression) throws(TemplateError) -> Value {
        let value = try evaluate(left)
        return value.isTrue ? try evaluate(right) : value
    }

    private func or(_ left: Expression, _ right: Expression) throws(TemplateError) -> Value {
        let value = try evaluate(left)
        return value.isTrue ? value : try evaluate(right)
    }

    private func conditional(
        _ test: Expression, _ then: Expression, _ otherwise: Expression?
    ) throws(TemplateError) -> Value {
        if try evaluate(test).isTrue { return try evaluate(then) }
        guard let otherwise else {
            return .undefined(
                "the inline if-expression evaluated to false and no else section was defined")
        }
        return try evaluate(otherwise)
    }

    private func concatenation(_ parts: [Expression]) throws(TemplateError) -> Value {
        var text = Text("")
        for part in parts {
            text += try string(of: try evaluate(part))
            try Text.check(count: text.count)
        }
        return try made(text)
    }

    private func comparison(
        _ first: Expression, _ others: [(Comparison, Expression)]
    ) throws(TemplateError) -> Value {
        var left = try evaluate(first)
        for (comparison, expression) in others {
            let right = try evaluate(expression)
            guard try compare(left, comparison, right) else { return .bool(false) }
            left = right
        }
        return .bool(true)
    }

    func evaluate(_ arguments: CallArguments) throws(TemplateError) -> Arguments {
        var found = Arguments(positional: try evaluate(arguments.positional))
        for (name, expression) in arguments.named {
            found.named.append((name, try evaluate(expression)))
        }
        if let unpacked = arguments.unpacked {
            found.positional += try values(of: try evaluate(unpacked))
        }
        if let unpacked = arguments.unpackedNamed {
            guard case .mapping(let mapping) = try evaluate(unpacked) else {
                throw .evaluation("argument after ** must be a mapping")
            }
            for (key, value) in mapping.pairs {
                guard case .text(let name) = key else { throw .evaluation("keywords must be strings") }
                found.named.append((name.string, value))
            }
        }
        return found
    }

    private func filter(
        _ value: Expression?, _ name: String, _ arguments: CallArguments
    ) throws(TemplateError) -> Value {
        // Without a value, it is only reached through `filter(_:by:)`.
        guard let value else { throw .evaluation("the filter '\(name)' has no value") }
        return try filter(try evaluate(value), name, try evaluate(arguments))
    }

    /// Applies the filters of a block to its text.
    func filter(_ value: Value, by chain: Expression) throws(TemplateError) -> Value {
        guard case .filter(let inner, let name, let arguments) = chain.kind else { return value }
        let input = try inner.map { inner throws(TemplateError) in try filter(value, by: inner) } ?? value
        return try filter(input, name, try evaluate(arguments))
    }
}

/// The evaluated arguments of a call.
struct Arguments {
    var positional: [Value] = []
    var named: [(name: String, value: Value)] = []

    /// The arguments in the order of the parameters; `nil` for those not passed.
    func bind(_ names: [String], required: Int = 0, in function: String) throws(TemplateError) -> [Value?] {
        guard positional.count <= names.count else {
            throw .evaluation(
                "\(function)() takes \(names.count) arguments at most, but \(positional.count) were given")
        }
        var values: [Value?] = positional
        values += Array(repeating: nil, count: names.count - positional.count)
        for (name, value) in named {
            guard let index = names.firstIndex(of: name) else {
                throw .evaluation("\(function)() got an unexpected keyword argument '\(name)'")
            }
            guard values[index] == nil else {
                throw .evaluation("\(function)() got multiple values for argument '\(name)'")
            }
            values[index] = value
        }
        for index in 0..<required where values[index] == nil {
            throw .evaluation("\(function)() is missing its argument '\(names[index])'")
        }
        return values
    }

    func refuseNamed(in function: String) throws(TemplateError) {
        guard let name = named.first?.name else { return }
        throw .evaluation("\(function)() got an unexpected keyword argument '\(name)'")
    }
}
