/// Python's `str()` and `repr()`.
extension Interpreter {
    /// `str(value)`.
    ///
    /// The output for a container counts as the request's text, punctuation included.
    func string(of value: Value) throws(TemplateError) -> Text {
        switch value {
        case .text(let text): return text
        case .undefined: return Text("")
        default:
            var printer = Printer(interpreter: self)
            try printer.append(value)
            let isContainer =
                switch value {
                case .list, .tuple, .mapping, .view, .namespace: true
                default: false
                }
            let text = Text(printer.letters)
            return isContainer ? text.untrusted : text
        }
    }

    /// `repr(value)`.
    func representation(of value: Value) throws(TemplateError) -> Text {
        guard case .text(let text) = value else {
            if case .undefined = value { return Text("Undefined") }
            return try string(of: value)
        }
        return Text(Printer.quoted(text))
    }
}

private struct Printer {
    let interpreter: Interpreter
    var letters: [Letter] = []
    private var depth = 0

    init(interpreter: Interpreter) {
        self.interpreter = interpreter
    }

    private mutating func append(_ string: String) throws(TemplateError) {
        letters += Text(string).letters
        try Text.check(count: letters.count)
    }

    /// Appends `repr(value)`.
    mutating func append(_ value: Value) throws(TemplateError) {
        try interpreter.spend()
        switch value {
        case .undefined: try append("Undefined")
        case .none: try append("None")
        case .bool(let bool): try append(bool ? "True" : "False")
        case .integer(let integer): try append(String(integer))
        case .float(let float): try append(float.pythonDescription)
        case .text(let text):
            letters += Self.quoted(text)
            try Text.check(count: letters.count)
        case .list(let items): try append(items.values, between: "[", "]")
        case .tuple(let items):
            try append(items.values, between: "(", items.values.count == 1 ? ",)" : ")")
        case .mapping(let mapping): try append(mapping.pairs, between: "{", "}")
        case .range(let range):
            try append(
                range.step == 1
                    ? "range(\(range.start), \(range.stop))"
                    : "range(\(range.start), \(range.stop), \(range.step))")
        case .view(let view):
            try append(view.kind.rawValue)
            try append(view.items.values, between: "([", "])")
        case .iterator: try append("<generator object>")
        case .loop(let loop): try append("<LoopContext \(loop.index + 1)>")
        case .method(let method): try append("<built-in method \(method.name)>")
        case .function(let function): try append("<function \(function.rawValue)>")
        case .macro(let id): try append("<Macro '\(interpreter.macros[id].definition.name)'>")
        case .namespace(let id): try append(namespace: id)
        }
    }

    /// A namespace can contain itself.
    private mutating func append(namespace id: Int) throws(TemplateError) {
        depth += 1
        defer { depth -= 1 }
        guard depth < 10 else { throw TemplateError(.limit, "a namespace is printed that holds itself") }
        try append("<Namespace ")
        try append(
            interpreter.namespaces[id].map { (.text($0.name), $0.value) }, between: "{", "}")
        try append(">")
    }

    private mutating func append(
        _ values: [Value], between open: String, _ close: String
    ) throws(TemplateError) {
        try append(open)
        for (index, value) in values.enumerated() {
            if index > 0 { try append(", ") }
            try append(value)
        }
        try append(close)
    }

    private mutating func append(
        _ pairs: [(key: Value, value: Value)], between open: String, _ close: String
    ) throws(TemplateError) {
        try append(open)
        for (index, (key, value)) in pairs.enumerated() {
            if index > 0 { try append(", ") }
            try append(key)
            try append(": ")
            try append(value)
        }
        try append(close)
    }

    static func quoted(_ text: Text) -> [Letter] {
        let hasSingle = text.letters.contains { $0.scalar == "'" }
        let hasDouble = text.letters.contains { $0.scalar == "\"" }
        let quote: Unicode.Scalar = hasSingle && !hasDouble ? "\"" : "'"
        var result = [Letter(quote, isTemplate: true)]
        for letter in text.letters {
            if letter.scalar == quote || letter.scalar == "\\" {
                result += [Letter("\\", isTemplate: letter.isTemplate), letter]
            } else if letter.scalar.isPythonPrintable {
                result.append(letter)
            } else {
                result += Text(escaped(letter.scalar), isTemplate: letter.isTemplate).letters
            }
        }
        return result + [Letter(quote, isTemplate: true)]
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            let (prefix, width) =
                scalar.value < 0x100 ? ("\\x", 2) : scalar.value < 0x10000 ? ("\\u", 4) : ("\\U", 8)
            return prefix + String(repeating: "0", count: width - digits.count) + digits
        }
    }
}

extension Double {
    /// `repr(float)`: the shortest digits that read back as the same number, in Python's notation.
    var pythonDescription: String {
        guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
        let parts = "\(magnitude)".split(separator: "e")
        let number = parts[0].split(separator: ".")
        let fraction = number.count > 1 && number[1] != "0" ? String(number[1]) : ""
        var digits = String(number[0]) + fraction
        // The decimal point is before digit `point`, counting from 0.
        var point = number[0].count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        let leading = digits.prefix { $0 == "0" }.count
        digits.removeFirst(min(leading, digits.count - 1))
        point -= min(leading, digits.count + leading - 1)
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        let sign = self.sign == .minus ? "-" : ""
        if self == 0 { return sign + "0.0" }
        guard (-3...16).contains(point) else {
            let exponent = point - 1
            let padded = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
            let rest = digits.dropFirst()
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest) + "e"
                + (exponent < 0 ? "-" : "+") + padded
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count {
            return sign + digits + String(repeating: "0", count: point - digits.count) + ".0"
        }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }
}
