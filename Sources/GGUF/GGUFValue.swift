/// A metadata value.
public enum GGUFValue: Sendable, Hashable {
    case unsigned(UInt64)
    case signed(Int64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    case strings([String])
    /// Of any width, signed or not.
    case integers([Int64])
    case floats([Double])
    case bools([Bool])
    case arrays([GGUFValue])

    /// The format's numbers of the types.
    private enum Kind: UInt32 {
        case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

        /// The least number of bytes that a value takes.
        var minimumSize: Int {
            switch self {
            case .uint8, .int8, .bool: 1
            case .uint16, .int16: 2
            case .uint32, .int32, .float32: 4
            case .uint64, .int64, .float64, .string: 8
            case .array: 12
            }
        }
    }

    /// Far deeper than any real file.
    private static let maximumDepth = 4

    init(type: UInt32, key: String, from reader: inout GGUFReader) throws(GGUFError) {
        self = try Self.value(try Self.kind(type, key, reader), key, &reader, depth: 0)
    }

    private static func kind(_ type: UInt32, _ key: String, _ reader: GGUFReader) throws(GGUFError) -> Kind {
        guard let kind = Kind(rawValue: type) else {
            throw reader.error("`\(key)` has the unknown type \(type)")
        }
        return kind
    }

    private static func value(
        _ kind: Kind, _ key: String, _ reader: inout GGUFReader, depth: Int
    ) throws(GGUFError) -> GGUFValue {
        switch kind {
        case .uint8, .uint16, .uint32, .uint64:
            .unsigned(UInt64(truncatingIfNeeded: try integer(kind, key, &reader)))
        case .int8, .int16, .int32, .int64: .signed(try integer(kind, key, &reader))
        case .float32: .float32(Float(bitPattern: try reader.integer(UInt32.self, "`\(key)`")))
        case .float64: .float64(Double(bitPattern: try reader.integer(UInt64.self, "`\(key)`")))
        case .bool: .bool(try bool(key, &reader))
        case .string: .string(try reader.string("`\(key)`"))
        case .array: try array(key, &reader, depth: depth + 1)
        }
    }

    /// An unsigned integer of 64 bits keeps its bits.
    private static func integer(
        _ kind: Kind, _ key: String, _ reader: inout GGUFReader
    ) throws(GGUFError) -> Int64 {
        switch kind {
        case .uint8: Int64(try reader.integer(UInt8.self, "`\(key)`"))
        case .int8: Int64(try reader.integer(Int8.self, "`\(key)`"))
        case .uint16: Int64(try reader.integer(UInt16.self, "`\(key)`"))
        case .int16: Int64(try reader.integer(Int16.self, "`\(key)`"))
        case .uint32: Int64(try reader.integer(UInt32.self, "`\(key)`"))
        case .int32: Int64(try reader.integer(Int32.self, "`\(key)`"))
        default: try reader.integer(Int64.self, "`\(key)`")
        }
    }

    private static func bool(_ key: String, _ reader: inout GGUFReader) throws(GGUFError) -> Bool {
        switch try reader.integer(UInt8.self, "`\(key)`") {
        case 0: return false
        case 1: return true
        case let other: throw reader.error("`\(key)` has the truth value \(other); it must be 0 or 1")
        }
    }

    private static func array(
        _ key: String, _ reader: inout GGUFReader, depth: Int
    ) throws(GGUFError) -> GGUFValue {
        guard depth <= maximumDepth else { throw reader.error("`\(key)` is an array nested too deeply") }
        let kind = try kind(try reader.integer(UInt32.self, "the element type of `\(key)`"), key, reader)
        let count = try reader.count("elements of `\(key)`", minimumSize: kind.minimumSize)
        func all<Element>(
            _ element: (inout GGUFReader) throws(GGUFError) -> Element
        ) throws(GGUFError) -> [Element] {
            var elements: [Element] = []
            elements.reserveCapacity(count)
            for _ in 0..<count { elements.append(try element(&reader)) }
            return elements
        }
        switch kind {
        case .string:
            return .strings(
                try all { reader throws(GGUFError) in try reader.string("an element of `\(key)`") })
        case .bool: return .bools(try all { reader throws(GGUFError) in try bool(key, &reader) })
        case .float32, .float64:
            return .floats(
                try all { reader throws(GGUFError) in
                    kind == .float64
                        ? Double(bitPattern: try reader.integer(UInt64.self, "`\(key)`"))
                        : Double(Float(bitPattern: try reader.integer(UInt32.self, "`\(key)`")))
                })
        case .array:
            return .arrays(try all { reader throws(GGUFError) in try array(key, &reader, depth: depth + 1) })
        case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64:
            return .integers(try all { reader throws(GGUFError) in try integer(kind, key, &reader) })
        }
    }
}
