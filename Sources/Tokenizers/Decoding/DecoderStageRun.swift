/// A part of a token's text on its way through the decoder's stages; whole scalars only.
struct DecoderFragment {
    var bytes: [UInt8]
    let endsToken: Bool

    init(_ bytes: [UInt8], endsToken: Bool) {
        self.bytes = bytes
        self.endsToken = endsToken
    }
}

/// A decoder stage in use.
///
/// It passes on what is certain and holds back the rest.
struct DecoderStageRun: Sendable {
    private static let replacementCharacter = Array("\u{FFFD}".utf8)

    private let stage: TextDecoder.Stage
    /// Held back: the start of a token, scalar or match, or the bytes of byte tokens.
    private var pending: [UInt8] = []
    private var isFirstToken: Bool
    /// Scalars stripped from the current token, and scalars held back until its end.
    private var strippedCount = 0
    private var isAtStart = true
    private var heldCount = 0

    init(_ stage: TextDecoder.Stage, isFirst: Bool = true) {
        self.stage = stage
        isFirstToken = isFirst
    }

    mutating func take(_ fragment: DecoderFragment) -> [DecoderFragment] {
        switch stage {
        case .byteLevel, .byteFallback:
            guard let token = wholeToken(fragment) else { return [] }
            if case .byteLevel = stage { return decodeAlphabet(token) }
            return decodeFallback(token)
        case .fuse: return [DecoderFragment(fragment.bytes, endsToken: false)]
        case .strip(let scalar, let start, let stop):
            return [strip(fragment, Array(String(scalar).utf8), start, stop)]
        case .replace(.literal(let literal), let content): return [replace(fragment, literal, content)]
        case .replace(let pattern, let content):
            guard let token = wholeToken(fragment) else { return [] }
            // If the pattern gives up, the token stays unchanged.
            let text = try? pattern.replacing(
                token, with: content, RegularExpression.Scratch(byteCount: token.count))
            return [DecoderFragment(text ?? token, endsToken: true)]
        case .metaspace(let metaspace):
            let drops = isFirstToken && metaspace.prepending != .never
            if fragment.endsToken { isFirstToken = false }
            let mark = Array(String(metaspace.replacement).utf8)
            return [replace(fragment, mark, drops ? [] : [UInt8(ascii: " ")])]
        case .spaced:
            let space = isAtStart && !isFirstToken ? [UInt8(ascii: " ")] : []
            isAtStart = fragment.endsToken
            isFirstToken = false
            return [DecoderFragment(space + fragment.bytes, endsToken: fragment.endsToken)]
        }
    }

    /// What is left after the last token.
    mutating func finish() -> [DecoderFragment] {
        switch stage {
        case .byteLevel:
            defer { pending = [] }
            return [DecoderFragment(Self.repaired(pending[...]), endsToken: true)]
        case .byteFallback: return flushBytes()
        case .fuse: return [DecoderFragment([], endsToken: true)]
        case .strip, .replace, .metaspace, .spaced: return []
        }
    }

    /// Collects a token's fragments; returns `nil` before the last.
    private mutating func wholeToken(_ fragment: DecoderFragment) -> [UInt8]? {
        if isAtStart, fragment.endsToken { return fragment.bytes }
        heldToken += fragment.bytes
        isAtStart = fragment.endsToken
        guard fragment.endsToken else { return nil }
        defer { heldToken = [] }
        return heldToken
    }
    private var heldToken: [UInt8] = []

    private mutating func decodeAlphabet(_ token: [UInt8]) -> [DecoderFragment] {
        pending += ByteAlphabet.bytes(of: String(decoding: token, as: UTF8.self))
        let whole = pending.count - pending.incompleteSuffixLength
        guard whole > 0 else { return [] }
        defer { pending.removeFirst(whole) }
        return [DecoderFragment(Self.repaired(pending[..<whole]), endsToken: false)]
    }

    private static func repaired(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).utf8)
    }

    /// Bytes are held until a token that is not a byte token: one invalid byte turns all of them into U+FFFD.
    private mutating func decodeFallback(_ token: [UInt8]) -> [DecoderFragment] {
        if let byte = ByteFallback.byte(token) {
            pending.append(byte)
            return []
        }
        return flushBytes() + [DecoderFragment(token, endsToken: true)]
    }

    private mutating func flushBytes() -> [DecoderFragment] {
        guard !pending.isEmpty else { return [] }
        defer { pending = [] }
        if String(validating: pending, as: UTF8.self) != nil {
            return [DecoderFragment(pending, endsToken: true)]
        }
        return pending.map { _ in DecoderFragment(Self.replacementCharacter, endsToken: true) }
    }

    private mutating func strip(
        _ fragment: DecoderFragment, _ mark: [UInt8], _ start: Int, _ stop: Int
    ) -> DecoderFragment {
        var rest = fragment.bytes[...]
        while isAtStart, strippedCount < start, rest.starts(with: mark) {
            rest = rest.dropFirst(mark.count)
            strippedCount += 1
        }
        if !rest.isEmpty { isAtStart = false }
        var trailing = 0
        while rest.count >= mark.count, rest.suffix(mark.count).elementsEqual(mark) {
            rest = rest.dropLast(mark.count)
            trailing += 1
        }
        // If something follows the held scalars, they are not trailing.
        let freed = rest.isEmpty ? 0 : heldCount
        heldCount += trailing - freed
        var result = Array(repeatElement(mark, count: freed).joined()) + rest
        let surplus = max(0, heldCount - stop)
        result += repeatElement(mark, count: surplus).joined()
        heldCount -= surplus
        if fragment.endsToken { (isAtStart, strippedCount, heldCount) = (true, 0, 0) }
        return DecoderFragment(result, endsToken: fragment.endsToken)
    }

    private mutating func replace(
        _ fragment: DecoderFragment, _ literal: [UInt8], _ content: [UInt8]
    ) -> DecoderFragment {
        pending += fragment.bytes
        var result: [UInt8] = []
        var position = 0
        while position < pending.count {
            let rest = pending[position...]
            if rest.starts(with: literal) {
                result += content
                position += literal.count
            } else if !fragment.endsToken, literal.starts(with: rest) {
                break
            } else {
                result.append(pending[position])
                position += 1
            }
        }
        pending.removeFirst(position)
        return DecoderFragment(result, endsToken: fragment.endsToken)
    }
}

extension [UInt8] {
    /// Length of the longest suffix that more bytes could complete to a UTF-8 scalar.
    fileprivate var incompleteSuffixLength: Int {
        for length in 1...3 where length <= count {
            let lead = self[count - length]
            if UTF8.isContinuation(lead) { continue }
            let isComplete = lead < 0x80 || length >= (~lead).leadingZeroBitCount
            let second = length > 1 ? self[count - length + 1] : nil
            return !isComplete && isBeginning(lead, second) ? length : 0
        }
        return 0
    }

    /// Whether some scalar's UTF-8 starts with these bytes (Unicode 16, table 3-7).
    private func isBeginning(_ lead: UInt8, _ second: UInt8?) -> Bool {
        guard 0xC2...0xF4 ~= lead else { return false }
        guard let second else { return true }
        switch lead {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
