/// GPT-2's mapping of bytes to printable characters, which byte-level vocabularies use.
///
/// Printable Latin-1 bytes map to themselves, the other 68 to U+0100 onwards, in order.
enum ByteAlphabet {
    /// The character of each byte.
    private static let scalars: [Unicode.Scalar] = {
        var next: UInt16 = 0x100
        return (UInt8.min...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF:
                return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                return Unicode.Scalar(next) ?? "\u{FFFD}"
            }
        }
    }()

    private static let spellings = scalars.map { Array(String($0).utf8) }

    private static let bytes = Dictionary(
        uniqueKeysWithValues: zip(scalars, UInt8.min...UInt8.max))

    /// Each byte's character in UTF-8.
    static func spell(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        spell(bytes, into: &result)
        return result
    }

    static func spell(_ bytes: ArraySlice<UInt8>, into result: inout [UInt8]) {
        for byte in bytes {
            if 0x21...0x7E ~= byte {
                result.append(byte)
            } else {
                result += spellings[Int(byte)]
            }
        }
    }

    /// The bytes of a vocabulary entry.
    ///
    /// An entry outside the alphabet stands for its own UTF-8.
    static func bytes(of entry: String) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in entry.unicodeScalars {
            guard let byte = bytes[scalar] else { return Array(entry.utf8) }
            result.append(byte)
        }
        return result
    }
}
