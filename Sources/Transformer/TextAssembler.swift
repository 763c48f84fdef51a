/// Turns tokens that arrive one at a time into text: no scalar is released before it is whole.
///
/// The released parts and what `finish()` returns, end to end, are exactly `Tokenizer.decode` of all tokens.
public struct TextAssembler: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    /// The beginning of a scalar, at most three bytes.
    private var pending: [UInt8] = []

    public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
    }

    /// All text that is certain with this token; empty while a scalar is incomplete.
    public mutating func append(_ token: TokenID) -> String {
        if skipsSpecialTokens, tokenizer.isSpecial(token) { return "" }
        pending += tokenizer.bytes(of: token)
        let whole = pending.count - pending.incompleteSuffixLength
        defer { pending.removeFirst(whole) }
        return String(decoding: pending[..<whole], as: UTF8.self)
    }

    /// What is left at the end of the stream: U+FFFD for a scalar that never became whole.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
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

    /// Whether some scalar's UTF-8 begins so (Unicode 16, table 3-7).
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
