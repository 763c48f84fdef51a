/// Reads one JSON text (RFC 8259) in a single pass over its bytes.
///
/// The HTTP thread parses bodies of megabytes while others wait; a `Decodable` of unknown shape throws and
/// catches an error for each type a value is not, and takes seconds for what takes this milliseconds.
struct JSONParser {
    /// Containers within containers, at most: each takes a stretch of the stack.
    private static let maximumDepth = 256

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    private struct Malformed: Error {}

    /// The value that `bytes` hold, and nothing else but white space; `nil` where they are no JSON.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        var parser = JSONParser(bytes: bytes)
        guard let value = try? parser.value() else { return nil }
        parser.skipSpace()
        return parser.index == bytes.count ? value : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }

    /// Moves past `byte` if it comes next.
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(Malformed) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Malformed) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount {
            guard skip(text.utf8Start[offset]) else { throw Malformed() }
        }
        return value
    }

    private mutating func array() throws(Malformed) -> JSONValue {
        var values: [JSONValue] = []
        try container(until: UInt8(ascii: "]")) { parser throws(Malformed) in
            values.append(try parser.value())
        }
        return .array(values)
    }

    /// Where a key comes twice, the last one counts.
    private mutating func object() throws(Malformed) -> JSONValue {
        var values: [String: JSONValue] = [:]
        try container(until: UInt8(ascii: "}")) { parser throws(Malformed) in
            parser.skipSpace()
            let key = try parser.string()
            parser.skipSpace()
            guard parser.skip(UInt8(ascii: ":")) else { throw Malformed() }
            values[key] = try parser.value()
        }
        return .object(values)
    }

    /// Reads from the opening bracket to the closing one, with `item` between commas.
    private mutating func container(
        until close: UInt8, item: (inout JSONParser) throws(Malformed) -> Void
    ) throws(Malformed) {
        index += 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw Malformed() }
        skipSpace()
        if skip(close) { return }
        while true {
            try item(&self)
            skipSpace()
            if skip(close) { return }
            guard skip(UInt8(ascii: ",")) else { throw Malformed() }
        }
    }

    /// An integer where it is written as one and an `Int` can hold it.
    private mutating func number() throws(Malformed) -> JSONValue {
        let start = index
        _ = skip(UInt8(ascii: "-"))
        if !skip(UInt8(ascii: "0")) { try digits() }
        var isInteger = true
        if skip(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
            isInteger = false
            if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        if isInteger, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else { throw Malformed() }
        return .number(number)
    }

    private mutating func digits() throws(Malformed) {
        let start = index
        while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { index += 1 }
        guard index > start else { throw Malformed() }
    }

    private mutating func string() throws(Malformed) -> String {
        guard skip(UInt8(ascii: "\"")) else { throw Malformed() }
        var start = index
        var text = ""
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                try append(start..<index, to: &text)
                index += 1
                return text
            case UInt8(ascii: "\\"):
                try append(start..<index, to: &text)
                index += 1
                text.unicodeScalars.append(try escape())
                start = index
            case 0..<0x20: throw Malformed()
            default: index += 1
            }
        }
        throw Malformed()
    }

    private func append(_ range: Range<Int>, to text: inout String) throws(Malformed) {
        guard !range.isEmpty else { return }
        guard let piece = String(validating: bytes[range], as: UTF8.self) else { throw Malformed() }
        if text.isEmpty { text = piece } else { text += piece }
    }

    /// What follows a backslash.
    private mutating func escape() throws(Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw Malformed() }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw Malformed()
        }
    }

    /// Four digits, or two times four where UTF-16 needs a pair.
    ///
    /// Half a pair is no text.
    private mutating func unicodeEscape() throws(Malformed) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) else {
            throw Malformed()
        }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw Malformed() }
        let value = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        guard let scalar = Unicode.Scalar(value) else { throw Malformed() }
        return scalar
    }

    private mutating func codeUnit() throws(Malformed) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw Malformed()
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
