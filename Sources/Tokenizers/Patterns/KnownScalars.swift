import CPCRE2

/// Characters that PCRE2 and the `tokenizers` library classify differently because they know different Unicode
/// versions.
///
/// The library's Oniguruma knows Unicode 16. The system's PCRE2 may know an older or newer version. A character that
/// only one of them knows is replaced before matching: by an old character of the same kind and length, or by one that
/// neither knows.
struct KnownScalars: Sendable {
    private static let reference: (Int, Int) = (16, 0)
    /// Changed its category between Unicode 14 and 16.
    ///
    /// No other assigned character did.
    private static let changed = Unicode.Scalar(0x1171E)

    /// Replacements by scalar.
    private let replacements: [UInt32: Unicode.Scalar]
    private let pages: ScalarPages

    /// The instance for the linked PCRE2.
    static let shared = KnownScalars(known: Self.libraryVersion)

    /// PCRE2's Unicode version.
    private static var libraryVersion: (Int, Int) {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pcre2_config_8(UInt32(PCRE2_CONFIG_UNICODE_VERSION), &buffer)
        let parts = buffer.prefix(Int(max(count - 1, 0))).split(separator: UInt8(ascii: "."))
            .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        return parts.count >= 2 ? (parts[0], parts[1]) : reference
    }

    private struct Kind: Hashable {
        let length: Int
        let category: Unicode.GeneralCategory
        let isAlphabetic: Bool
        let isHan: Bool
    }

    init(known: (Int, Int)) {
        let (older, newer) = known < Self.reference ? (known, Self.reference) : (Self.reference, known)
        var examples: [Kind: Unicode.Scalar] = [:]
        var disputed: [(scalar: Unicode.Scalar, kind: Kind)] = []
        for scalar in ScalarPages.assignable {
            guard let age = scalar.properties.age, age <= newer else { continue }
            let isKnown = age <= older && (scalar != Self.changed || known >= Self.reference)
            let isReal = age <= Self.reference
            let kind = Kind(
                length: UTF8.width(scalar),
                category: isReal ? scalar.properties.generalCategory : .unassigned,
                isAlphabetic: isReal && scalar.properties.isAlphabetic,
                isHan: isReal && scalar.properties.isUnifiedIdeograph)
            if isKnown {
                if examples[kind] == nil { examples[kind] = scalar }
            } else {
                disputed.append((scalar, kind))
            }
        }
        // Noncharacters are never assigned.
        let unknown = [3: 0xFDD0 as UInt32, 4: 0x1FFFE].compactMapValues { Unicode.Scalar($0) }
        replacements = Dictionary(
            uniqueKeysWithValues: disputed.map { entry in
                (entry.scalar.value, examples[entry.kind] ?? unknown[entry.kind.length] ?? entry.scalar)
            })
        pages = ScalarPages(disputed.map(\.scalar))
    }

    /// The text with every disputed character replaced; `nil` if it contains none.
    func replacing(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var result: [UInt8]?
        text.forEachScalar { scalar, start in
            guard pages.mayContain(scalar), let replacement = replacements[scalar] else { return }
            result = result ?? Array(text)
            for (offset, byte) in String(replacement).utf8.enumerated() { result?[start + offset] = byte }
        }
        return result
    }
}

/// A quick check whether a scalar may be in a set: one flag per 256 scalars.
struct ScalarPages: Sendable {
    private var flags = [Bool](repeating: false, count: 0x1100)

    init(_ scalars: some Sequence<Unicode.Scalar>) {
        for scalar in scalars { flags[Int(scalar.value >> 8)] = true }
    }

    func mayContain(_ scalar: UInt32) -> Bool {
        flags[Int(scalar >> 8)]
    }

    /// Where Unicode assigns characters.
    ///
    /// The rest is unassigned or private use.
    static var assignable: some Sequence<Unicode.Scalar> {
        [0x80..<0x40000, 0xE0000..<0xE1000].lazy.joined().lazy.compactMap { Unicode.Scalar(UInt32($0)) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Calls `body` with each scalar of two bytes or more and its offset.
    ///
    /// The text must be valid UTF-8.
    func forEachScalar(_ body: (UInt32, Int) -> Void) {
        var position = 0
        while position < count {
            let lead = self[position]
            if lead < 0x80 {
                position += 1
                continue
            }
            let length = (~lead).leadingZeroBitCount
            var value = UInt32(lead & (0x7F >> UInt8(length)))
            for offset in 1..<length { value = value << 6 | UInt32(self[position + offset] & 0x3F) }
            body(value, position)
            position += length
        }
    }
}
