/// `"…" % values`, `"…"|format(values)` and `"…".format(values)`, with the plain conversions.
extension Interpreter {
    func format(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        guard arguments.named.isEmpty || arguments.positional.isEmpty else {
            throw .evaluation("can't handle positional and keyword arguments at the same time")
        }
        let values: Value
        if arguments.named.isEmpty {
            values = .tuple(try Items(arguments.positional))
        } else {
            values = .mapping(try Mapping(arguments.named.map { (.text($0.name), $0.value) }))
        }
        return try made(try formatted(try string(of: value), with: values))
    }

    /// `format % value`.
    func formatted(_ format: Text, with value: Value) throws(TemplateError) -> Text {
        var rest: ArraySlice<Value> = [value]
        if case .tuple(let items) = value { rest = items.values[...] }
        var result = Text("")
        var letters = format.letters[...]
        while let letter = letters.popFirst() {
            guard letter.scalar == "%" else {
                result.letters.append(letter)
                continue
            }
            var named: Value?
            if letters.first?.scalar == "(", case .mapping(let mapping) = value {
                let name = letters.dropFirst().prefix { $0.scalar != ")" }
                letters = letters.dropFirst(name.count + 2)
                named = mapping[.text(Text(name))] ?? .undefined("'\(Text(name).string)' is undefined")
                rest = []
            }
            let flags = letters.prefix { "0123456789.-+ #".unicodeScalars.contains($0.scalar) }
            letters = letters.dropFirst(flags.count)
            guard let kind = letters.popFirst()?.scalar else { throw .evaluation("incomplete format") }
            if kind == "%" {
                result.letters.append(letter)
                continue
            }
            guard let argument = named ?? rest.popFirst() else {
                throw .evaluation("not enough arguments for format string")
            }
            result += try converted(argument, kind, flags: Text(flags).string)
            try Text.check(count: result.count)
        }
        if case .mapping = value { return result }
        guard rest.isEmpty else { throw .evaluation("not all arguments converted during string formatting") }
        return result
    }

    private func converted(
        _ value: Value, _ kind: Unicode.Scalar, flags: String
    ) throws(TemplateError) -> Text {
        switch (kind, flags) {
        case ("s", ""): return try string(of: value)
        case ("r", ""): return try representation(of: value)
        case ("d", _), ("i", _):
            var text: String
            if case .float(let float) = value, float.isFinite, abs(float) < 9e18 {
                text = String(Int(float))
            } else {
                text = String(try integer(value, in: "%d"))
            }
            let digits = flags.drop { $0 == "0" }
            guard digits.isEmpty || Int(digits) != nil, let width = Int("0" + digits), width <= 1000 else {
                throw .evaluation("the format '%\(flags)d' is not supported")
            }
            let padding: Character = flags.hasPrefix("0") ? "0" : " "
            let isNegative = text.hasPrefix("-") && padding == "0"
            if isNegative { text.removeFirst() }
            let missing = max(0, width - text.count - (isNegative ? 1 : 0))
            return Text((isNegative ? "-" : "") + String(repeating: padding, count: missing) + text)
        default: throw .evaluation("the format '%\(flags)\(kind)' is not supported")
        }
    }
}

extension Text {
    /// `text.format(arguments)`, with fields that are empty, numbers or names.
    func formatted(_ arguments: Arguments, with interpreter: Interpreter) throws(TemplateError) -> Text {
        var result = Text("")
        var rest = letters[...]
        var next = 0
        while let letter = rest.popFirst() {
            guard letter.scalar == "{" || letter.scalar == "}" else {
                result.letters.append(letter)
                continue
            }
            if rest.first?.scalar == letter.scalar {
                rest.removeFirst()
                result.letters.append(letter)
                continue
            }
            guard letter.scalar == "{", let end = rest.firstIndex(where: { $0.scalar == "}" }) else {
                throw .evaluation("single '\(letter.scalar)' encountered in format string")
            }
            let field = Text(rest[..<end]).string
            rest = rest[(end + 1)...]
            let value: Value?
            if let index = field.isEmpty ? next : Int(field) {
                value = arguments.positional.indices.contains(index) ? arguments.positional[index] : nil
                next += 1
            } else {
                value = arguments.named.first { $0.name == field }?.value
            }
            guard let value else { throw .evaluation("the format field '{\(field)}' is not supported") }
            result += try interpreter.string(of: value)
            try Text.check(count: result.count)
        }
        return result
    }
}
