/// The filters: `value|name(arguments)`.
extension Interpreter {
    func filter(_ value: Value, _ name: String, _ arguments: Arguments) throws(TemplateError) -> Value {
        if case .text(let text) = value, !Self.glancingFilters.contains(name) {
            try spend(text.count / Text.lettersPerStep)
        }
        if let result = try textFilter(value, name, arguments) { return result }
        if let result = try numberFilter(value, name, arguments) { return result }
        if let result = try sequenceFilter(value, name, arguments) { return result }
        if let result = try selectingFilter(value, name, arguments) { return result }
        throw TemplateError(.syntax, "there is no filter '\(name)'")
    }

    static let filterNames: Set<String> = [
        "trim", "upper", "lower", "title", "capitalize", "replace", "indent", "string", "safe", "e", "escape",
        "forceescape", "format", "tojson", "center", "wordcount", "abs", "int", "float", "round", "length",
        "count",
        "first", "last", "list", "join", "reverse", "unique", "sort", "dictsort", "items", "sum", "min",
        "max",
        "batch", "default", "d", "attr", "map", "select", "reject", "selectattr", "rejectattr",
    ]

    /// Filters that do not convert their value to text.
    private static let glancingFilters: Set<String> = ["length", "count", "first", "last", "default", "d"]

    // MARK: Text

    private func textFilter(
        _ value: Value, _ name: String, _ arguments: Arguments
    ) throws(TemplateError) -> Value? {
        func plain(_ change: (Text) -> Text) throws(TemplateError) -> Value {
            _ = try arguments.bind([], in: name)
            return try made(change(try string(of: value)))
        }
        switch name {
        case "trim":
            let characters = try arguments.bind(["chars"], in: name)[0]
            return try made(try string(of: value).stripped(try strippedLetters(characters)))
        case "upper": return try plain(\.uppercased)
        case "lower": return try plain(\.lowercased)
        case "capitalize": return try plain(\.capitalized)
        case "title": return try plain(titled)
        case "string", "safe": return try plain { $0 }
        case "e", "escape", "forceescape": return try plain(escaped)
        case "wordcount":
            _ = try arguments.bind([], in: name)
            return .integer(try string(of: value).splitAtSpace(limit: -1).count)
        case "replace": return try replace(value, arguments)
        case "indent": return try indent(value, arguments)
        case "format": return try format(value, arguments)
        case "tojson": return try json(value, arguments)
        case "center":
            let width = try arguments.bind(["width"], in: name)[0] ?? .integer(80)
            return try callText("center", try string(of: value), Arguments(positional: [width]))
        default: return nil
        }
    }

    func strippedLetters(_ value: Value?) throws(TemplateError) -> Text? {
        switch value {
        case nil, .some(.none): return nil
        case .text(let text): return text
        case .some(let value): throw .evaluation("strip arg must be None or str, not \(value.typeName)")
        }
    }

    /// Title case of the filter.
    ///
    /// Unlike the method, it starts words only at spaces and brackets.
    private func titled(_ text: Text) -> Text {
        func isSeparator(_ letter: Letter) -> Bool {
            letter.scalar.isPythonSpace || "-({[<".unicodeScalars.contains(letter.scalar)
        }
        var result = Text("")
        var rest = text.letters[...]
        while !rest.isEmpty {
            let separators = rest.prefix(while: isSeparator)
            let word = rest[separators.endIndex...].prefix { !isSeparator($0) }
            result += Text(separators) + Text(word.prefix(1)).uppercased + Text(word.dropFirst()).lowercased
            rest = rest[word.endIndex...]
        }
        return result
    }

    private func escaped(_ text: Text) -> Text {
        let escapes: [Unicode.Scalar: String] = [
            "&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", "\"": "&#34;",
        ]
        var result = Text("")
        for letter in text.letters {
            if let escape = escapes[letter.scalar] {
                result += Text(escape, isTemplate: letter.isTemplate)
            } else {
                result.letters.append(letter)
            }
        }
        return result
    }

    private func replace(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["old", "new", "count"], required: 2, in: "replace")
        let limit: Int =
            switch bound[2] {
            case nil, .some(.none): -1
            case .some(let value): try integer(value, in: "replace")
            }
        let old = try string(of: bound[0] ?? .none)
        let new = try string(of: bound[1] ?? .none)
        return try made(try string(of: value).replacing(old, with: new, limit: limit))
    }

    private func indent(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["width", "first", "blank"], in: "indent")
        let indention: Text
        if case .text(let text) = bound[0] {
            indention = text
        } else {
            let width = try integer(bound[0] ?? .integer(4), in: "indent")
            try Text.check(count: width)
            indention = Text(String(repeating: " ", count: max(0, width)))
        }
        let lines = (try string(of: value) + Text("\n")).lines()
        let indentsBlank = bound[2]?.isTrue ?? false
        try Text.check(count: lines.reduce(lines.count) { $0 + $1.count + indention.count })
        var result = bound[1]?.isTrue ?? false ? indention : Text("")
        for (index, line) in lines.enumerated() {
            if index > 0 { result += Text("\n") }
            if index > 0, indentsBlank || !line.isEmpty { result += indention }
            result += line
        }
        return try made(result)
    }

    private func json(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(
            ["ensure_ascii", "indent", "separators", "sort_keys"], in: "tojson")
        var writer = JSONWriter(interpreter: self)
        writer.ensuresASCII = bound[0]?.isTrue ?? false
        writer.sortsKeys = bound[3]?.isTrue ?? false
        switch bound[1] {
        case nil, .some(.none): break
        case .text(let text): writer.indent = text
        case .some(let value):
            let width = try integer(value, in: "tojson")
            try Text.check(count: width)
            writer.indent = Text(String(repeating: " ", count: max(0, width)))
        }
        if writer.indent != nil { writer.itemSeparator = Text(",") }
        if let separators = bound[2], separators.isTrue {
            let pair = try values(of: separators)
            guard pair.count == 2, case .text(let item) = pair[0], case .text(let key) = pair[1] else {
                throw .evaluation("tojson() needs two strings as separators")
            }
            (writer.itemSeparator, writer.keySeparator) = (item, key)
        }
        return try made(try writer.text(of: value))
    }

    // MARK: Numbers

    private func numberFilter(
        _ value: Value, _ name: String, _ arguments: Arguments
    ) throws(TemplateError) -> Value? {
        switch name {
        case "abs":
            _ = try arguments.bind([], in: name)
            let isNegative = try precedes(value, .integer(0))
            return isNegative ? try negated(value) : try positive(value)
        case "int": return try integerFilter(value, arguments)
        case "float":
            let fallback = try arguments.bind(["default"], in: name)[0] ?? .float(0)
            return double(value).map(Value.float) ?? fallback
        case "round": return try round(value, arguments)
        default: return nil
        }
    }

    /// `float(value)`; `nil` if Python would raise.
    private func double(_ value: Value) -> Double? {
        switch value {
        case .bool(let bool): bool ? 1 : 0
        case .integer(let integer): Double(integer)
        case .float(let float): float
        case .text(let text): number(text).flatMap(Double.init)
        default: nil
        }
    }

    /// A number's digits as Python reads them, without the allowed white space and underscores.
    private func number(_ text: Text) -> String? {
        let string = text.stripped().string
        guard !string.isEmpty, !string.hasPrefix("_"), !string.hasSuffix("_"), !string.contains("__"),
            !string.lowercased().contains("0x"), !string.lowercased().contains("p")
        else { return nil }
        return string.filter { $0 != "_" }
    }

    private func integerFilter(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["default", "base"], in: "int")
        let fallback = bound[0] ?? .integer(0)
        let base = try integer(bound[1] ?? .integer(10), in: "int")
        if case .text(let text) = value {
            guard (2...36).contains(base) || base == 0 else { return fallback }
            var digits = text.stripped().string.filter { $0 != "_" }.lowercased()
            let prefixes = [16: "0x", 8: "0o", 2: "0b"]
            if let prefix = prefixes[base], digits.hasPrefix(prefix) { digits.removeFirst(2) }
            if let integer = Int(digits, radix: base == 0 ? 10 : base) { return .integer(integer) }
        }
        guard let double = double(value), double.isFinite, abs(double) < 9e18 else { return fallback }
        if case .integer(let integer) = value { return .integer(integer) }
        return .integer(Int(double))
    }

    private func round(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["precision", "method"], in: "round")
        let precision = try integer(bound[0] ?? .integer(0), in: "round")
        var rule = FloatingPointRoundingRule.toNearestOrEven
        switch try string(of: bound[1] ?? .text("common")).string {
        case "common":
            if case .integer = value, precision >= 0 { return value }
        case "ceil": rule = .up
        case "floor": rule = .down
        default: throw .evaluation("method must be common, ceil or floor")
        }
        guard case .float(let float) = try combine(value, .multiply, .float(1)) else { return value }
        let scale = raised(10, Double(precision))
        let scaled = float * scale
        return .float(scaled.isFinite ? scaled.rounded(rule) / scale : float)
    }
}
