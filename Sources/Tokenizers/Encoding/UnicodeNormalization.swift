// The standard library's own normal forms, which have no public interface. Foundation's differ: they compose characters
// that Unicode excludes from composition, such as U+1D15E.
@_spi(_Unicode) import Swift

/// Unicode normal forms, in the version that the `tokenizers` library uses.
///
/// Normal forms of assigned characters never change. A character newer than that version has no decomposition and
/// combines with nothing, so the text is cut at it.
enum UnicodeNormalization: String, Sendable {
    case canonicalComposition = "NFC"
    case canonicalDecomposition = "NFD"

    private static let version: (Int, Int) = (9, 0)

    private static let young: (scalars: Set<UInt32>, pages: ScalarPages) = {
        let young = ScalarPages.assignable.filter { $0.properties.age.map { $0 > version } ?? false }
        return (Set(young.map(\.value)), ScalarPages(young))
    }()

    /// Below this scalar, every text is already composed, and no scalar interacts with its neighbours.
    private static let firstMark: UInt32 = 0x300

    func normalize(_ text: [UInt8]) -> [UInt8] {
        var isPlain = true
        var cuts: [Int] = []
        let limit = self == .canonicalComposition ? Self.firstMark : 0x80
        text.withUnsafeBufferPointer { text in
            text.forEachScalar { scalar, start in
                if scalar >= limit { isPlain = false }
                if Self.young.pages.mayContain(scalar), Self.young.scalars.contains(scalar) {
                    cuts.append(start)
                }
            }
        }
        if isPlain { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var start = 0
        for cut in cuts {
            append(text[start..<cut], to: &result)
            start = cut + (~text[cut]).leadingZeroBitCount
            result += text[cut..<start]
        }
        append(text[start...], to: &result)
        return result
    }

    private func append(_ part: ArraySlice<UInt8>, to result: inout [UInt8]) {
        let text = String(decoding: part, as: UTF8.self)
        var normal = String.UnicodeScalarView()
        switch self {
        case .canonicalComposition: normal.append(contentsOf: text._nfc)
        case .canonicalDecomposition: normal.append(contentsOf: text._nfd)
        }
        result += String(normal).utf8
    }
}
