/// Cuts a text into the words of GPT-2's pattern, each to be merged on its own.
///
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
struct WordScanner: Sequence, IteratorProtocol {
    private enum Kind {
        case letter, number, space, other
    }

    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.utf8) }
    private static let asciiKinds: [Kind] = (0..<0x80).map { kind(of: Unicode.Scalar(UInt8($0))) }

    /// Valid UTF-8.
    private let text: ArraySlice<UInt8>
    private var position: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    /// The next word's range in the text.
    mutating func next() -> Range<Int>? {
        guard position < text.endIndex else { return nil }
        let start = position
        position = wordEnd(from: start)
        return start..<position
    }

    private func wordEnd(from start: Int) -> Int {
        if let contraction = contraction(at: start) { return start + contraction }
        var first = scalar(at: start)
        if text[start] == UInt8(ascii: " "), first.end < text.endIndex {
            let second = scalar(at: first.end)
            if second.kind != .space { first = second }
        }
        let end = runEnd(of: first.kind, from: first.end)
        guard first.kind == .space, end < text.endIndex else { return end }
        // `\s+(?!\S)`: the last space of a run belongs to the word after it, unless it is the only one.
        let last = scalarStart(before: end)
        return last > start ? last : end
    }

    private func contraction(at start: Int) -> Int? {
        guard text[start] == UInt8(ascii: "'") else { return nil }
        return Self.contractions.first { text[start...].starts(with: $0) }?.count
    }

    private func runEnd(of kind: Kind, from start: Int) -> Int {
        var end = start
        while end < text.endIndex {
            let next = scalar(at: end)
            guard next.kind == kind else { break }
            end = next.end
        }
        return end
    }

    private func scalarStart(before end: Int) -> Int {
        var start = end - 1
        while UTF8.isContinuation(text[start]) { start -= 1 }
        return start
    }

    private func scalar(at start: Int) -> (kind: Kind, end: Int) {
        let lead = text[start]
        if lead < 0x80 { return (Self.asciiKinds[Int(lead)], start + 1) }
        let length = (~lead).leadingZeroBitCount
        var value = UInt32(lead & (0x7F >> UInt8(length)))
        for byte in text[start + 1..<start + length] {
            value = value << 6 | UInt32(byte & 0x3F)
        }
        return (Unicode.Scalar(value).map(Self.kind) ?? .other, start + length)
    }

    /// By Unicode 16, the version of the `tokenizers` library, whatever version the Swift runtime knows.
    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        guard let age = scalar.properties.age, age < (17, 0) else { return .other }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .number
        default: scalar.properties.isWhitespace ? .space : .other
        }
    }
}
