/// Expressions, from lowest to highest precedence.
extension Parser {
    /// An expression.
    ///
    /// Too much nesting is an error.
    func make(
        _ kind: Expression.Kind, line: Int, _ parts: [Expression?]
    ) throws(TemplateError) -> Expression {
        let depth = 1 + parts.reduce(0) { max($0, $1?.depth ?? 0) }
        guard depth <= Self.maximumDepth else {
            throw TemplateError(
                .limit, line: line, "an expression is nested more than \(Self.maximumDepth) deep")
        }
        return Expression(kind: kind, line: line, depth: depth)
    }

    /// An expression, or a tuple without parentheses.
    mutating func tuple(
        allowsConditional: Bool = true, end: String? = nil, isParenthesised: Bool = false
    ) throws(TemplateError) -> Expression {
        let line = line
        var parts: [Expression] = []
        var isTuple = false
        while !isTupleEnd(end) {
            parts.append(try expression(allowsConditional: allowsConditional))
            guard skip(",") else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = parts.first { return only }
            guard isParenthesised else { throw unexpected("an expression") }
        }
        return try make(.tuple(parts), line: line, parts)
    }

    private func isTupleEnd(_ end: String?) -> Bool {
        current.kind == .variableEnd || current.kind == .blockEnd || comes(")")
            || end.map { comes(name: $0) } ?? false
    }

    mutating func expression(allowsConditional: Bool = true) throws(TemplateError) -> Expression {
        try nested { parser throws(TemplateError) in
            var value = try parser.or()
            while allowsConditional, parser.comes(name: "if") {
                let line = parser.line
                parser.advance()
                let test = try parser.or()
                let otherwise = parser.skip(name: "else") ? try parser.expression() : nil
                value = try parser.make(
                    .conditional(test, then: value, otherwise: otherwise), line: line,
                    [test, value, otherwise])
            }
            return value
        }
    }

    private mutating func or() throws(TemplateError) -> Expression {
        var left = try and()
        while comes(name: "or") {
            let line = line
            advance()
            let right = try and()
            left = try make(.or(left, right), line: line, [left, right])
        }
        return left
    }

    private mutating func and() throws(TemplateError) -> Expression {
        var left = try not()
        while comes(name: "and") {
            let line = line
            advance()
            let right = try not()
            left = try make(.and(left, right), line: line, [left, right])
        }
        return left
    }

    private mutating func not() throws(TemplateError) -> Expression {
        guard comes(name: "not") else { return try comparison() }
        let line = line
        advance()
        let value = try nested { parser throws(TemplateError) in try parser.not() }
        return try make(.not(value), line: line, [value])
    }

    private mutating func comparison() throws(TemplateError) -> Expression {
        let line = line
        let first = try sum()
        var others: [(Comparison, Expression)] = []
        while let comparison = nextComparison() { others.append((comparison, try sum())) }
        guard !others.isEmpty else { return first }
        return try make(.comparison(first, others), line: line, [first] + others.map(\.1))
    }

    private mutating func nextComparison() -> Comparison? {
        if case .symbol(let symbol) = current.kind, let comparison = Comparison(rawValue: symbol) {
            advance()
            return comparison
        }
        if skip(name: "in") { return .isIn }
        guard comes(name: "not"), following.kind == .name("in") else { return nil }
        advance()
        advance()
        return .isNotIn
    }

    private mutating func nextOperator(_ operators: [BinaryOperator]) -> BinaryOperator? {
        guard case .symbol(let symbol) = current.kind, let found = BinaryOperator(rawValue: symbol),
            operators.contains(found)
        else { return nil }
        advance()
        return found
    }

    private mutating func sum() throws(TemplateError) -> Expression {
        var left = try concatenation()
        while true {
            let line = line
            guard let found = nextOperator([.add, .subtract]) else { return left }
            let right = try concatenation()
            left = try make(.binary(found, left, right), line: line, [left, right])
        }
    }

    private mutating func concatenation() throws(TemplateError) -> Expression {
        let line = line
        var parts = [try product()]
        while skip("~") { parts.append(try product()) }
        return parts.count == 1 ? parts[0] : try make(.concatenation(parts), line: line, parts)
    }

    private mutating func product() throws(TemplateError) -> Expression {
        var left = try power()
        while true {
            let line = line
            guard let found = nextOperator([.multiply, .divide, .floorDivide, .modulo]) else { return left }
            let right = try power()
            left = try make(.binary(found, left, right), line: line, [left, right])
        }
    }

    /// Left-associative, as in Jinja but unlike Python.
    private mutating func power() throws(TemplateError) -> Expression {
        var left = try unary()
        while true {
            let line = line
            guard let found = nextOperator([.power]) else { return left }
            let right = try unary()
            left = try make(.binary(found, left, right), line: line, [left, right])
        }
    }

    private mutating func unary(allowsFilter: Bool = true) throws(TemplateError) -> Expression {
        let line = line
        var value: Expression
        if skip("-") {
            value = try nested { parser throws(TemplateError) in try parser.unary(allowsFilter: false) }
            value = try make(.negative(value), line: line, [value])
        } else if skip("+") {
            value = try nested { parser throws(TemplateError) in try parser.unary(allowsFilter: false) }
            value = try make(.positive(value), line: line, [value])
        } else {
            value = try primary()
        }
        value = try postfix(value)
        while allowsFilter {
            if skip("|") {
                value = try filter(of: value)
            } else if comes(name: "is") {
                value = try test(of: value)
            } else if comes("(") {
                value = try call(of: value)
            } else {
                break
            }
        }
        return value
    }

    private mutating func primary() throws(TemplateError) -> Expression {
        let line = line
        switch current.kind {
        case .name(let name):
            advance()
            switch name {
            case "true", "True": return try make(.bool(true), line: line, [])
            case "false", "False": return try make(.bool(false), line: line, [])
            case "none", "None": return try make(.none, line: line, [])
            default:
                note(name: name)
                return try make(.name(name), line: line, [])
            }
        case .string(let first):
            advance()
            var text = first
            while case .string(let next) = current.kind {
                text.unicodeScalars.append(contentsOf: next.unicodeScalars)
                advance()
            }
            return try make(.text(Text(text)), line: line, [])
        case .integer(let integer):
            advance()
            return try make(.integer(integer), line: line, [])
        case .float(let float):
            advance()
            return try make(.float(float), line: line, [])
        case .symbol("("):
            advance()
            let value = try tuple(isParenthesised: true)
            try expect(")")
            return value
        case .symbol("["): return try list()
        case .symbol("{"): return try mapping()
        default: throw unexpected("an expression")
        }
    }

    private mutating func list() throws(TemplateError) -> Expression {
        let line = line
        try expect("[")
        var items: [Expression] = []
        while !comes("]") {
            items.append(try expression())
            guard skip(",") else { break }
        }
        try expect("]")
        return try make(.list(items), line: line, items)
    }

    private mutating func mapping() throws(TemplateError) -> Expression {
        let line = line
        try expect("{")
        var pairs: [(key: Expression, value: Expression)] = []
        while !comes("}") {
            let key = try expression()
            try expect(":")
            pairs.append((key, try expression()))
            guard skip(",") else { break }
        }
        try expect("}")
        return try make(.mapping(pairs), line: line, pairs.flatMap { [$0.key, $0.value] })
    }

    private mutating func postfix(_ value: Expression) throws(TemplateError) -> Expression {
        var value = value
        while true {
            if comes(".") {
                value = try attribute(of: value)
            } else if comes("[") {
                value = try item(of: value)
            } else if comes("(") {
                value = try call(of: value)
            } else {
                return value
            }
        }
    }

    private mutating func attribute(of value: Expression) throws(TemplateError) -> Expression {
        let line = line
        try expect(".")
        switch current.kind {
        case .name(let name):
            advance()
            return try make(.attribute(value, name), line: line, [value])
        case .integer(let integer):
            let index = try make(.integer(integer), line: line, [])
            advance()
            return try make(.item(value, index), line: line, [value])
        default: throw unexpected("a name or a number")
        }
    }

    private mutating func item(of value: Expression) throws(TemplateError) -> Expression {
        let line = line
        try expect("[")
        if comes("]") { throw unexpected("an expression") }
        var start: Expression?
        if !comes(":") {
            let index = try tuple(end: nil, untilBracket: true)
            guard comes(":") else {
                try expect("]")
                return try make(.item(value, index), line: line, [value, index])
            }
            start = index
        }
        try expect(":")
        let stop = comes(":") || comes("]") ? nil : try expression()
        let step = skip(":") && !comes("]") ? try expression() : nil
        try expect("]")
        return try make(
            .slice(value, start: start, stop: stop, step: step), line: line, [value, start, stop, step])
    }

    /// One expression, or a tuple, before `]` or `:`.
    private mutating func tuple(end: String?, untilBracket: Bool) throws(TemplateError) -> Expression {
        let line = line
        var parts = [try expression()]
        var isTuple = false
        while skip(",") {
            isTuple = true
            if comes("]") { break }
            parts.append(try expression())
        }
        return isTuple ? try make(.tuple(parts), line: line, parts) : parts[0]
    }

    // MARK: Calls, filters and tests

    private mutating func call(of value: Expression) throws(TemplateError) -> Expression {
        let line = line
        let arguments = try self.arguments()
        return try make(.call(value, arguments), line: line, [value] + arguments.all)
    }

    /// The filter whose name comes next, and those after it.
    mutating func filter(of value: Expression?) throws(TemplateError) -> Expression {
        let line = line
        let name = try dottedName()
        let arguments = comes("(") ? try self.arguments() : CallArguments()
        let filtered = try make(
            .filter(value, name: name, arguments), line: line, [value] + arguments.all)
        return skip("|") ? try filter(of: filtered) : filtered
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while skip(".") { name += "." + (try expectName()) }
        return name
    }

    private mutating func test(of value: Expression) throws(TemplateError) -> Expression {
        let line = line
        advance()
        let isNegated = skip(name: "not")
        let name = try dottedName()
        var arguments = CallArguments()
        if comes("(") {
            arguments = try self.arguments()
        } else if beginsTestArgument {
            if comes(name: "is") { throw fail("tests with 'is' cannot be chained") }
            arguments.positional = [try postfix(try primary())]
        }
        let test = try make(.test(value, name: name, arguments), line: line, [value] + arguments.all)
        return isNegated ? try make(.not(test), line: line, [test]) : test
    }

    private var beginsTestArgument: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .float, .symbol("["), .symbol("{"): true
        default: false
        }
    }

    private mutating func arguments() throws(TemplateError) -> CallArguments {
        var arguments = CallArguments()
        try expect("(")
        while !comes(")") {
            if skip("*") {
                guard arguments.unpacked == nil, arguments.unpackedNamed == nil else { throw badCall }
                arguments.unpacked = try expression()
            } else if skip("**") {
                guard arguments.unpackedNamed == nil else { throw badCall }
                arguments.unpackedNamed = try expression()
            } else if case .name(let name) = current.kind, following.kind == .symbol("=") {
                guard arguments.unpackedNamed == nil else { throw badCall }
                advance()
                advance()
                arguments.named.append((name, try expression()))
            } else {
                guard arguments.named.isEmpty, arguments.unpacked == nil, arguments.unpackedNamed == nil
                else {
                    throw badCall
                }
                arguments.positional.append(try expression())
            }
            guard skip(",") else { break }
        }
        try expect(")")
        return arguments
    }

    private var badCall: TemplateError {
        fail("the arguments of a call are in the wrong order")
    }
}
