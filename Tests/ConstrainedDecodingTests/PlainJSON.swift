import ConstrainedDecoding
import JSON

/// Reads JSON for the tests: strict, with its own idea of the grammar, nothing of it shared with the matcher.
struct PlainJSON {
    struct Malformed: Error {
        var offset: Int
    }

    private let bytes: [UInt8]
    private var index = 0

    static func parse(_ bytes: [UInt8]) throws -> JSONValue {
        var reader = PlainJSON(bytes: bytes)
        let value = try reader.value()
        reader.skipSpace()
        guard reader.index == bytes.count else { throw Malformed(offset: reader.index) }
        return value
    }

    static func parse(_ text: String) throws -> JSONValue { try parse(Array(text.utf8)) }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func skipSpace() {
        while [0x20, 0x0A, 0x0D, 0x09].contains(next) { index += 1 }
    }

    private mutating func expect(_ text: String) throws {
        guard bytes[index...].starts(with: text.utf8) else { throw Malformed(offset: index) }
        index += text.utf8.count
    }

    private mutating func value() throws -> JSONValue {
        skipSpace()
        defer { skipSpace() }
        switch next {
        case UInt8(ascii: "{"): return .object(try list(until: "}") { try $0.member() })
        case UInt8(ascii: "["): return .array(try list(until: "]") { try $0.value() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default: return try number()
        }
    }

    private mutating func list<Item>(
        until close: String, _ item: (inout PlainJSON) throws -> Item
    ) throws -> [Item] {
        index += 1
        skipSpace()
        var items: [Item] = []
        if next == close.utf8.first {
            index += 1
            return items
        }
        while true {
            items.append(try item(&self))
            guard next == UInt8(ascii: ",") else { break }
            index += 1
        }
        try expect(close)
        return items
    }

    private mutating func member() throws -> JSONValue.Member {
        skipSpace()
        let name = try string()
        skipSpace()
        try expect(":")
        return .init(name, try value())
    }

    private mutating func number() throws -> JSONValue {
        let start = index
        while "+-.eE0123456789".utf8.contains(next) { index += 1 }
        let text = String(decoding: bytes[start..<index], as: UTF8.self)
        guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+\-]?[0-9]+)?/) != nil,
            let number = Double(text), number.isFinite
        else { throw Malformed(offset: start) }
        return Int(text).map(JSONValue.integer) ?? .number(number)
    }

    private mutating func string() throws -> String {
        try expect("\"")
        var units: [UInt8] = []
        while next != UInt8(ascii: "\"") {
            guard index < bytes.count, next >= 0x20 else { throw Malformed(offset: index) }
            if next == UInt8(ascii: "\\") {
                units += Array(String(try escape()).utf8)
            } else {
                units.append(next)
                index += 1
            }
        }
        index += 1
        guard let text = String(validating: units, as: UTF8.self) else { throw Malformed(offset: index) }
        return text
    }

    private mutating func escape() throws -> Unicode.Scalar {
        index += 1
        let letter = next
        index += 1
        if let plain = [
            "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{c}", "n": "\n", "r": "\r", "t": "\t",
        ][Unicode.Scalar(letter)] as Unicode.Scalar? {
            return plain
        }
        guard letter == UInt8(ascii: "u") else { throw Malformed(offset: index) }
        let first = try unit()
        guard (0xD800...0xDFFF).contains(first) else { return try scalar(first) }
        try expect("\\u")
        let second = try unit()
        guard first < 0xDC00, (0xDC00...0xDFFF).contains(second) else { throw Malformed(offset: index) }
        return try scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func unit() throws -> UInt32 {
        guard index + 4 <= bytes.count,
            let unit = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { throw Malformed(offset: index) }
        index += 4
        return unit
    }

    private func scalar(_ value: UInt32) throws -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { throw Malformed(offset: index) }
        return scalar
    }
}
