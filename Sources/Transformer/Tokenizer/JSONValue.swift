/// A JSON text with its strings as they are written.
///
/// `JSONDecoder` keeps an object in a dictionary of `String`, where canonically equivalent keys are one: a
/// vocabulary has both U+00E9 and U+0065 U+0301.
enum JSONValue: Sendable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    /// In the file's order, duplicates and all.
    case object([(key: String, value: JSONValue)])

    /// What it is, for a reader of the file.
    var kind: String {
        switch self {
        case .null: "null"
        case .flag(let value): value ? "true" : "false"
        case .number(let value): Int(exactly: value).map(String.init) ?? String(value)
        case .text: "a string"
        case .list: "an array"
        case .object: "an object"
        }
    }
}

/// Why a text is not JSON.
struct JSONSyntaxError: Error {
    let problem: String
    /// Bytes before the place.
    let offset: Int
}

/// Reads JSON (RFC 8259) in one pass.
struct JSONParser {
    /// What it takes to exhaust the stack is far more; what a tokenizer needs is far less.
    private static let maximumDepth = 128

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes)
        let value = try parser.value()
        guard parser.next() == nil else { throw parser.unexpected("after the value") }
        return value
    }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    private func error(_ problem: String) -> JSONSyntaxError {
        JSONSyntaxError(problem: problem, offset: position)
    }

    private func unexpected(_ place: String) -> JSONSyntaxError {
        guard position < bytes.count else { return error("ends \(place)") }
        return error("has an unexpected character \(place)")
    }

    /// The next byte that is no white space, not yet consumed.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        switch next() {
        case UInt8(ascii: "{"): return try nested(JSONParser.object)
        case UInt8(ascii: "["): return try nested(JSONParser.list)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"): return try number()
        case let byte? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte): return try number()
        default: throw unexpected("where a value should be")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error("is nested more than \(Self.maximumDepth) deep") }
        depth += 1
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private static func list(_ parser: inout JSONParser) throws(JSONSyntaxError) -> JSONValue {
        var items: [JSONValue] = []
        if parser.skip("]") { return .list(items) }
        repeat { items.append(try parser.value()) } while parser.skip(",")
        guard parser.skip("]") else { throw parser.unexpected("in an array") }
        return .list(items)
    }

    private static func object(_ parser: inout JSONParser) throws(JSONSyntaxError) -> JSONValue {
        var items: [(key: String, value: JSONValue)] = []
        if parser.skip("}") { return .object(items) }
        repeat {
            guard parser.next() == UInt8(ascii: "\"") else {
                throw parser.unexpected("where a key should be")
            }
            let key = try parser.text()
            guard parser.skip(":") else { throw parser.unexpected("after a key") }
            items.append((key, try parser.value()))
        } while parser.skip(",")
        guard parser.skip("}") else { throw parser.unexpected("in an object") }
        return .object(items)
    }

    /// Consumes the character if it is next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else { throw unexpected("where a value should be") }
        position += text.utf8.count
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        while position < bytes.count, "+-.eE0123456789".utf8.contains(bytes[position]) { position += 1 }
        guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite
        else {
            position = start
            throw error("has a malformed number")
        }
        return .number(number)
    }

    private mutating func text() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        /// What comes before `copied`, where that has escapes.
        var unescaped: [UInt8] = []
        var copied = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let rest = bytes[copied..<position]
                let text =
                    copied == start
                    ? String(validating: rest, as: UTF8.self)
                    : String(validating: unescaped + rest, as: UTF8.self)
                guard let text else { throw error("has a string that is not UTF-8") }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[copied..<position]
                position += 1
                unescaped += Array(String(try escape()).utf8)
                copied = position
            case 0..<0x20:
                throw error("has a control character in a string")
            default:
                position += 1
            }
        }
        throw error("ends in a string")
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard position < bytes.count else { throw error("ends in a string") }
        defer { position += 1 }
        switch bytes[position] {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "u"): return try scalar()
        case let byte where "\"\\/".utf8.contains(byte): return Unicode.Scalar(byte)
        default: throw error("has an unknown escape in a string")
        }
    }

    /// The scalar of `uXXXX`, or of two of them that are surrogates; stops at the last digit.
    private mutating func scalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]), bytes.count > position + 2,
            bytes[position + 1] == UInt8(ascii: "\\"), bytes[position + 2] == UInt8(ascii: "u")
        {
            position += 2
            units.append(try unit())
        }
        guard let text = String(validating: units, as: UTF16.self), let scalar = text.unicodeScalars.first
        else { throw error("has half a surrogate pair in a string") }
        return scalar
    }

    private mutating func unit() throws(JSONSyntaxError) -> UInt16 {
        let digits = bytes[min(position + 1, bytes.count)..<min(position + 5, bytes.count)]
        guard digits.count == 4, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw error("has a malformed escape in a string") }
        position += 4
        return unit
    }
}
