/// The keys that let a request in.
///
/// Comparing takes as long for a near miss as for a far one, so that time tells nobody a key.
public struct APIKeys: Sendable, CustomStringConvertible {
    /// Bytes of a key, at most.
    public static let maximumLength = 256

    /// Each key with zeros behind it, and its length as the last byte, modulo 256.
    private var padded: [[UInt8]] = []

    public init() {}

    public var isEmpty: Bool { padded.isEmpty }

    /// How many there are: the keys themselves are nobody's to read.
    public var description: String { padded.count == 1 ? "1 key" : "\(padded.count) keys" }

    /// Adds a key; `false` where it is none: 1 to 256 visible ASCII characters.
    public mutating func insert(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard (1...Self.maximumLength).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return false }
        padded.append(Self.pad(bytes))
        return true
    }

    /// Whether a client shows one of them.
    public func admit(_ shown: String) -> Bool {
        let bytes = Array(shown.utf8)
        let candidate = Self.pad(bytes)
        // No branch depends on a key's bytes until every key has been compared whole.
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
