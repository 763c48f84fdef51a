/// The API keys of a server.
///
/// A comparison takes constant time, so that its duration reveals no key.
public struct APIKeys: Sendable, CustomStringConvertible {
    /// The most bytes of a key.
    public static let maximumLength = 256

    /// Each key, padded with zeros; the last byte is its length modulo 256.
    private var padded: [[UInt8]] = []

    public init() {}

    public var isEmpty: Bool { padded.isEmpty }

    /// Their number: keys must not appear in logs.
    public var description: String { padded.count == 1 ? "1 key" : "\(padded.count) keys" }

    /// Adds a key of 1 to 256 visible ASCII characters; returns `false` for anything else.
    public mutating func insert(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard (1...Self.maximumLength).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return false }
        padded.append(Self.pad(bytes))
        return true
    }

    /// Whether `shown` is one of the keys.
    public func admit(_ shown: String) -> Bool {
        let bytes = Array(shown.utf8)
        let candidate = Self.pad(bytes)
        // No branch depends on a key's bytes before every key has been compared.
        var matches: UInt = 0
        for key in padded {
            var difference: UInt = bytes.count > Self.maximumLength ? 1 : 0
            for index in key.indices { difference |= UInt(key[index] ^ candidate[index]) }
            matches |= (difference &- 1) >> (UInt.bitWidth - 1)
        }
        return matches == 1
    }

    private static func pad(_ bytes: [UInt8]) -> [UInt8] {
        var padded = [UInt8](repeating: 0, count: maximumLength + 1)
        for index in 0..<min(bytes.count, maximumLength) { padded[index] = bytes[index] }
        padded[maximumLength] = UInt8(truncatingIfNeeded: bytes.count)
        return padded
    }
}
