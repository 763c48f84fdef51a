/// `json.dumps`, as called by the filter `tojson`.
///
/// The output for a list or dict counts as the request's text, punctuation included.
struct JSONWriter {
    var ensuresASCII = false
    var indent: Text?
    var itemSeparator = Text(", ")
    var keySeparator = Text(": ")
    var sortsKeys = false

    private let interpreter: Interpreter
    private var letters: [Letter] = []
    private var level = 0

    init(interpreter: Interpreter) {
        self.interpreter = interpreter
    }

    mutating func text(of value: Value) throws(TemplateError) -> Text {
        letters = []
        try write(value)
        switch value {
        case .list, .tuple, .mapping: return Text(letters).untrusted
        default: return Text(letters)
        }
    }

    private mutating func append(_ text: Text) throws(TemplateError) {
        letters += text.letters
        try Text.check(count: letters.count)
    }

    private mutating func append(_ string: String) throws(TemplateError) {
        try append(Text(string))
    }

    private mutating func write(_ value: Value) throws(TemplateError) {
        try interpreter.spend()
        switch value {
        case .none: try append("null")
        case .bool(let bool): try append(bool ? "true" : "false")
        case .integer(let integer): try append(String(integer))
        case .float(let float): try append(Self.number(float))
        case .text(let text): try append(quoted(text))
        case .list(let items), .tuple(let items): try write(items.values)
        case .mapping(let mapping): try write(mapping)
        default: throw .evaluation("Object of type \(value.typeName) is not JSON serializable")
        }
    }

    private static func number(_ float: Double) -> String {
        guard float.isFinite else { return float.isNaN ? "NaN" : float < 0 ? "-Infinity" : "Infinity" }
        return float.pythonDescription
    }

    private mutating func newLine() throws(TemplateError) {
        guard let indent else { return }
        try Text.check(count: letters.count + level * indent.count)
        try append("\n")
        for _ in 0..<level { try append(indent) }
    }

    private mutating func write(_ values: [Value]) throws(TemplateError) {
        guard !values.isEmpty else { return try append("[]") }
        try append("[")
        level += 1
        for (index, value) in values.enumerated() {
            if index > 0 { try append(itemSeparator) }
            try newLine()
            try write(value)
        }
        level -= 1
        try newLine()
        try append("]")
    }

    private mutating func write(_ mapping: Mapping) throws(TemplateError) {
        guard !mapping.keys.isEmpty else { return try append("{}") }
        var pairs = mapping.pairs
        if sortsKeys {
            pairs = try interpreter.sorted(pairs, isReversed: false) { pair in pair.key }
        }
        try append("{")
        level += 1
        for (index, (key, value)) in pairs.enumerated() {
            if index > 0 { try append(itemSeparator) }
            try newLine()
            try append(quoted(try name(of: key)))
            try append(keySeparator)
            try write(value)
        }
        level -= 1
        try newLine()
        try append("}")
    }

    private func name(of key: Value) throws(TemplateError) -> Text {
        switch key {
        case .text(let text): return text
        case .none: return Text("null")
        case .bool(let bool): return Text(bool ? "true" : "false")
        case .integer(let integer): return Text(String(integer))
        case .float(let float): return Text(Self.number(float))
        default: throw .evaluation("keys must be str, int, float, bool or None, not \(key.typeName)")
        }
    }

    private func quoted(_ text: Text) -> Text {
        var result = Text("\"")
        for letter in text.letters {
            if let escape = escape(letter.scalar) {
                result += Text(escape, isTemplate: letter.isTemplate)
            } else {
                result.letters.append(letter)
            }
        }
        return result + Text("\"")
    }

    private func escape(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{08}": return "\\b"
        case "\u{0C}": return "\\f"
        default:
            guard scalar.value < 0x20 || (ensuresASCII && scalar.value > 0x7E) else { return nil }
            return Character(scalar).utf16.map { unit in
                let digits = String(unit, radix: 16)
                return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }.joined()
        }
    }
}
