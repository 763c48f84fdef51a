/// A Unicode scalar that remembers whether the template wrote it.
///
/// With this in each letter, every operation on text keeps provenance without knowing of it.
struct Letter: Hashable, Sendable {
    private static let templateBit: UInt32 = 1 << 31
    private let bits: UInt32

    init(_ scalar: Unicode.Scalar, isTemplate: Bool) {
        bits = isTemplate ? scalar.value | Self.templateBit : scalar.value
    }

    var scalar: Unicode.Scalar {
        // Letters are made from scalars only.
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

/// A string as Python has it, a sequence of scalars, whose letters know who wrote them.
///
/// Texts are equal where their scalars are, whoever wrote them.
struct Text: Hashable, Sendable {
    static let maximumCount = 1 << 24
    /// Letters whose handling counts as one step of the template.
    static let lettersPerStep = 16

    var letters: [Letter]

    init(_ letters: [Letter]) {
        self.letters = letters
    }

    init(_ letters: ArraySlice<Letter>) {
        self.letters = Array(letters)
    }

    /// A text of the template's, or of the interpreter on its behalf, unless said otherwise.
    init(_ string: String, isTemplate: Bool = true) {
        letters = string.unicodeScalars.map { Letter($0, isTemplate: isTemplate) }
    }

    /// - Throws: where `count` letters are more than a text may have; to be asked before it is made.
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

    /// The same text, as if the request had supplied all of it.
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
    /// Whether Python's `str.isspace` holds for it.
    var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    /// Whether Python's `str.splitlines` ends a line at it.
    var isPythonLineEnd: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }
}
