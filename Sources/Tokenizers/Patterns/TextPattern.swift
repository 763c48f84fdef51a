/// What a stage searches for: a literal text or a regular expression.
enum TextPattern: Sendable {
    case literal([UInt8])
    case regex(RegularExpression)

    /// Reads `{"String": …}` or `{"Regex": …}`.
    init(_ node: JSONNode) throws(TokenizerError) {
        if let text = try node.optional("String") {
            let bytes = Array(try text.text().utf8)
            guard !bytes.isEmpty else { throw text.error("is empty") }
            self = .literal(bytes)
        } else if let pattern = try node.optional("Regex") {
            let text = try pattern.text()
            do throws(OnigurumaPattern.Problem) {
                self = .regex(try RegularExpression(text))
            } catch {
                throw pattern.error(error.description)
            }
        } else {
            throw node.error("must have `String` or `Regex`")
        }
    }

    /// Calls `body` with every match, leftmost first, as byte offsets.
    func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>, _ scratch: RegularExpression.Scratch,
        _ body: (Range<Int>) -> Void
    ) throws(TokenizationError) {
        switch self {
        case .regex(let regex): try regex.forEachMatch(in: text, scratch, body)
        case .literal(let literal):
            var position = 0
            while let range = text.firstRange(of: literal, from: position) {
                body(range)
                position = range.upperBound
            }
        }
    }

    /// The text with every match replaced.
    func replacing(
        _ text: [UInt8], with content: [UInt8], _ scratch: RegularExpression.Scratch
    ) throws(TokenizationError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var end = 0
        try text.withBuffer { buffer throws(TokenizationError) in
            try forEachMatch(in: buffer, scratch) { match in
                result += buffer[end..<match.lowerBound]
                result += content
                end = match.upperBound
            }
        }
        return result + text[end...]
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Offset of the first occurrence of the bytes, which must not be empty.
    fileprivate func firstRange(of literal: [UInt8], from start: Int) -> Range<Int>? {
        guard count >= literal.count else { return nil }
        for position in start..<Swift.max(start, count - literal.count + 1) where self[position] == literal[0]
        {
            if literal.indices.dropFirst().allSatisfy({ self[position + $0] == literal[$0] }) {
                return position..<position + literal.count
            }
        }
        return nil
    }
}

extension [UInt8] {
    /// `withUnsafeBufferPointer` with typed throws.
    func withBuffer<Value>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(TokenizationError) -> Value
    ) throws(TokenizationError) -> Value {
        try withUnsafeBufferPointer { buffer throws(TokenizationError) in try body(buffer) }
    }
}
