/// A Unicode scalar that records whether the template wrote it.
///
/// Because each letter carries its provenance, string operations preserve it automatically.
struct Letter: Hashable, Sendable {
    private static let templateBit: UInt32 = 1 << 31
    private let bits: UInt32

    init(_ scalar: Unicode.Scalar, isTemplate: Bool) {
        bits = isTemplate ? scalar.value | Self.templateBit : scalar.value
    }

    var scalar: Unicode.Scalar {
        // Letters are created from scalars only.
        Unicode.Scalar(bits & ~Self.templateBit) ?? "\u{FFFD}"
    }

    var isTemplate: Bool { bits & Self.templateBit != 0 }

    static func == (left: Letter, right: Letter) -> Bool {
        (left.bits ^ right.bits) & ~templateBit == 0
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(bits & ~Self.templateBit)
    }
}

/// A string as in Python: a sequence of scalars, each with its provenance.
///
/// Equality ignores provenance.
struct Text: Hashable, Sendable {
    static let maximumCount = 1 << 24
    /// Letters that count as one step of the template.
    static let lettersPerStep = 16

    var letters: [Letter]

    init(_ letters: [Letter]) {
        self.letters = letters
    }

    init(_ letters: ArraySlice<Letter>) {
        self.letters = Array(letters)
    }

    /// Text of the template, or of the interpreter on its behalf, by default.
    init(_ string: String, isTemplate: Bool = true) {
        letters = string.unicodeScalars.map { Letter($0, isTemplate: isTemplate) }
    }

    /// - Throws: If `count` letters exceed the limit. Check before creating the text.
    static func check(count: Int) throws(TemplateError) {
        guard count <= maximumCount else {
            throw TemplateError(.limit, "a text has more than \(maximumCount) characters")
        }
    }

    var count: Int { letters.count }
    var isEmpty: Bool { letters.isEmpty }

    var string: String {
        var scalars = String.UnicodeScalarView()
        for letter in letters { scalars.append(letter.scalar) }
        return String(scalars)
    }

    /// The same text with the request's provenance.
    var untrusted: Text {
        Text(letters.map { Letter($0.scalar, isTemplate: false) })
    }

    static func + (left: Text, right: Text) -> Text {
        Text(left.letters + right.letters)
    }

    static func += (left: inout Text, right: Text) {
        left.letters += right.letters
    }

    static func < (left: Text, right: Text) -> Bool {
        left.letters.lexicographicallyPrecedes(right.letters) { $0.scalar < $1.scalar }
    }

    func hasPrefix(_ other: Text) -> Bool { letters.starts(with: other.letters) }

    func hasSuffix(_ other: Text) -> Bool {
        count >= other.count && letters.suffix(other.count).elementsEqual(other.letters)
    }
}

extension Unicode.Scalar {
    /// Python's `str.isspace`.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    /// Whether Python's `str.splitlines` ends a line here.
    var isPythonLineEnd: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
