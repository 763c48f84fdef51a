/// Why a text is not valid JSON.
public struct JSONSyntaxError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, as `ends in a string`.
    public let problem: String
    /// Byte offset of the error.
    public let offset: Int

    public var description: String { "it \(problem) at byte \(offset)" }
}

extension JSONValue {
    /// Parses a UTF-8 JSON text (RFC 8259).
    public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) {
        self = try JSONParser.parse(bytes)
    }

    /// Parses a UTF-8 JSON text (RFC 8259).
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONSyntaxError) in try JSONParser.parse(buffer) }
        }
        self = try result.get()
    }
}

/// Parses a JSON text in one pass over its bytes.
///
/// Foundation's decoders store an object in a dictionary. That loses the order of members and merges names that are
/// canonically equivalent. A `Decodable` for values of unknown shape also takes seconds where this parser takes
/// milliseconds.
struct JSONParser {
    /// Maximum nesting of containers: each level takes stack space.
    private static let maximumDepth = 256

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

    /// The byte at the current position.
    private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// The next byte after white space, not consumed.
    private mutating func next() -> UInt8? {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
        return byte
    }

    /// Consumes the character if it is next, after white space.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard next() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONSyntaxError) -> JSONValue {
        switch next() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { parser throws(JSONSyntaxError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONSyntaxError) in try parser.array() }
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"): return try number()
        case let byte? where Self.isDigit(byte): return try number()
        default: throw unexpected("where a value should be")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue
    {
        for offset in 0..<text.utf8CodeUnitCount {
            guard byte == text.utf8Start[offset] else { throw unexpected("in a word") }
            position += 1
        }
        return value
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

    private mutating func array() throws(JSONSyntaxError) -> JSONValue {
        var items: [JSONValue] = []
        if skip("]") { return .array(items) }
        repeat { items.append(try value()) } while skip(",")
        guard skip("]") else { throw unexpected("in an array") }
        return .array(items)
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONValue {
        var members: [JSONValue.Member] = []
        if skip("}") { return .object(members) }
        repeat {
            guard next() == UInt8(ascii: "\"") else { throw unexpected("where a name should be") }
            let name = try string()
            guard skip(":") else { throw unexpected("after a name") }
            members.append(JSONValue.Member(name, try value()))
        } while skip(",")
        guard skip("}") else { throw unexpected("in an object") }
        return .object(members)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9")
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        if byte == UInt8(ascii: "-") { position += 1 }
        if byte == UInt8(ascii: "0") { position += 1 } else { try digits() }
        var isInteger = true
        if byte == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw JSONSyntaxError(problem: "has a number beyond all doubles", offset: start)
        }
        return .number(number)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte, Self.isDigit(byte) { position += 1 }
        guard position > start else { throw unexpected("in a number") }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var start = position
        /// The text before `start`, for strings with escapes.
        var unescaped: [UInt8] = []
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                let rest = bytes[start..<position]
                let text =
                    unescaped.isEmpty
                    ? String(validating: rest, as: UTF8.self)
                    : String(validating: unescaped + rest, as: UTF8.self)
                guard let text else { throw error("has a string that is not UTF-8") }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[start..<position]
                position += 1
                unescaped += UTF8.encode(try escape()).map { Array($0) } ?? []
                start = position
            case 0..<0x20: throw error("has a control character in a string")
            default: position += 1
            }
        }
        throw error("ends in a string")
    }

    /// The character after a backslash.
    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let byte else { throw error("ends in a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("has an unknown escape in a string")
        }
    }

    /// Four hexadecimal digits, or twice four for a UTF-16 pair.
    ///
    /// Half a pair is an error.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), bytes[position...].starts(with: "\\u".utf8) else {
            throw error("has half a surrogate pair in a string")
        }
        position += 2
        let second = try codeUnit()
        let value = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        guard UTF16.isTrailSurrogate(second), let scalar = Unicode.Scalar(value) else {
            throw error("has half a surrogate pair in a string")
        }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("has a malformed escape in a string")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
