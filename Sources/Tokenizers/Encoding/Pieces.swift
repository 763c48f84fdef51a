/// A text cut into pieces.
///
/// Each stage of pre-tokenization cuts or rewrites every piece.
struct Pieces {
    private(set) var bytes: [UInt8]
    /// None is empty.
    private(set) var ranges: [Range<Int>]
    /// Whether the first piece starts at the start of the text.
    private let beginsText: Bool

    init(_ bytes: [UInt8], beginsText: Bool) {
        self.bytes = bytes
        self.beginsText = beginsText
        ranges = bytes.isEmpty ? [] : [bytes.indices]
    }

    /// Cuts every piece at the matches that `find` reports.
    mutating func split(
        _ behavior: SplitBehavior, isInverted: Bool = false,
        _ find: (UnsafeBufferPointer<UInt8>, (Range<Int>) -> Void) throws(TokenizationError) -> Void
    ) throws(TokenizationError) {
        var pieces: [Range<Int>] = []
        pieces.reserveCapacity(ranges.count)
        var parts: [SplitBehavior.Part] = []
        try bytes.withBuffer { buffer throws(TokenizationError) in
            for range in ranges {
                parts.removeAll(keepingCapacity: true)
                var end = 0
                try find(UnsafeBufferPointer(rebasing: buffer[range])) { match in
                    if end != match.lowerBound {
                        parts.append(.init(range: end..<match.lowerBound, isMatch: isInverted))
                    }
                    parts.append(.init(range: match, isMatch: !isInverted))
                    end = match.upperBound
                }
                if end != range.count { parts.append(.init(range: end..<range.count, isMatch: isInverted)) }
                behavior.forEachPiece(of: parts) { piece in
                    guard !piece.isEmpty else { return }
                    pieces.append(range.lowerBound + piece.lowerBound..<range.lowerBound + piece.upperBound)
                }
            }
        }
        ranges = pieces
    }

    /// Cuts every piece at the characters of a kind.
    mutating func split(_ behavior: SplitBehavior, at isMatch: (Unicode.Scalar) -> Bool) {
        // No pattern is involved, so nothing can fail.
        try? split(behavior) { text, body in
            text.forEachMatch(isMatch, body)
        }
    }

    /// Replaces every piece by what `write` appends for it.
    ///
    /// `write` also gets whether the piece starts the text.
    mutating func rewrite(_ write: (ArraySlice<UInt8>, Bool, inout [UInt8]) -> Void) {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 4)
        var pieces: [Range<Int>] = []
        pieces.reserveCapacity(ranges.count)
        for range in ranges {
            let start = result.count
            write(bytes[range], beginsText && range.lowerBound == 0, &result)
            if start < result.count { pieces.append(start..<result.count) }
        }
        (bytes, ranges) = (result, pieces)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Calls `body` with the range of each scalar of a kind.
    fileprivate func forEachMatch(_ isMatch: (Unicode.Scalar) -> Bool, _ body: (Range<Int>) -> Void) {
        var position = 0
        while position < count {
            let lead = self[position]
            let length = lead < 0x80 ? 1 : (~lead).leadingZeroBitCount
            var value = UInt32(lead & (lead < 0x80 ? 0x7F : 0x7F >> UInt8(length)))
            for offset in 1..<Swift.max(1, length) {
                value = value << 6 | UInt32(self[position + offset] & 0x3F)
            }
            if let scalar = Unicode.Scalar(value), isMatch(scalar) { body(position..<position + length) }
            position += length
        }
    }
}
