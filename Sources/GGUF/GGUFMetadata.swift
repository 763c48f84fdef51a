/// The metadata of a GGUF file: values by key.
public struct GGUFMetadata: Sendable {
    /// A key has a length and a type at least.
    static let minimumEntrySize = 8 + 4

    private struct Entry {
        let value: GGUFValue
        let offset: Int
    }

    /// What errors name.
    public let path: String
    private var entries: [String: Entry] = [:]

    init(count: Int, from reader: inout GGUFReader) throws(GGUFError) {
        path = reader.path
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let offset = reader.offset
            let key = try reader.string("a metadata key")
            let type = try reader.integer(UInt32.self, "the type of `\(key)`")
            let value = try GGUFValue(type: type, key: key, from: &reader)
            guard entries.updateValue(Entry(value: value, offset: offset), forKey: key) == nil else {
                throw GGUFError(path, at: offset, "has the metadata key `\(key)` twice")
            }
        }
    }

    public var keys: [String] { entries.keys.sorted() }

    public subscript(key: String) -> GGUFValue? { entries[key]?.value }

    /// The error that the value of `key` is unsuitable.
    public func error(_ key: String, _ problem: String) -> GGUFError {
        GGUFError(path, at: entries[key]?.offset, "`\(key)` \(problem)")
    }

    /// A text; `nil` if there is no such key.
    ///
    /// - Throws: `GGUFError` if the value is not a string.
    public func string(_ key: String) throws(GGUFError) -> String? {
        try value(key, "a string") { if case .string(let text) = $0 { text } else { nil } }
    }

    public func bool(_ key: String) throws(GGUFError) -> Bool? {
        try value(key, "true or false") { if case .bool(let bool) = $0 { bool } else { nil } }
    }

    /// An integer of any width, signed or not.
    public func integer(_ key: String) throws(GGUFError) -> Int? {
        try value(key, "a whole number below 2^63") {
            switch $0 {
            case .unsigned(let number): Int(exactly: number)
            case .signed(let number): Int(exactly: number)
            default: nil
            }
        }
    }

    /// An integer or a floating-point number.
    public func number(_ key: String) throws(GGUFError) -> Double? {
        try value(key, "a number") {
            switch $0 {
            case .unsigned(let number): Double(number)
            case .signed(let number): Double(number)
            case .float32(let number): Double(number)
            case .float64(let number): number
            default: nil
            }
        }
    }

    public func strings(_ key: String) throws(GGUFError) -> [String]? {
        try value(key, "an array of strings") { if case .strings(let texts) = $0 { texts } else { nil } }
    }

    public func integers(_ key: String) throws(GGUFError) -> [Int64]? {
        try value(key, "an array of whole numbers") {
            if case .integers(let numbers) = $0 { numbers } else { nil }
        }
    }

    public func floats(_ key: String) throws(GGUFError) -> [Double]? {
        try value(key, "an array of numbers") { if case .floats(let numbers) = $0 { numbers } else { nil } }
    }

    private func value<Value>(
        _ key: String, _ type: String, _ read: (GGUFValue) -> Value?
    ) throws(GGUFError) -> Value? {
        guard let entry = entries[key] else { return nil }
        guard let value = read(entry.value) else { throw error(key, "must be \(type)") }
        return value
    }
}
