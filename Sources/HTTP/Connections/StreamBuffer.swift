/// The part of a stream that has been written and not sent.
struct StreamBuffer {
    /// When the content of the bytes up to `end` was known.
    private struct Mark {
        /// Counted from the start of the stream.
        let end: Int
        let since: ContinuousClock.Instant
    }

    private var bytes: [UInt8] = []
    /// How many of `bytes` have been taken.
    private var taken = 0
    /// How many bytes of the stream came before `bytes`.
    private var dropped = 0
    private var marks: [Mark] = []

    /// Bytes that wait to be sent.
    var count: Int { bytes.count - taken }

    /// Bytes in memory, taken or not.
    var keptCount: Int { bytes.count }

    /// `since`: when the content was known; `nil` if nobody measures that.
    mutating func append(_ new: [UInt8], knownSince since: ContinuousClock.Instant?) {
        // Without this, the whole answer of a client that always lags a little would stay in memory.
        if taken > bytes.count / 2 {
            bytes.removeFirst(taken)
            dropped += taken
            taken = 0
        }
        bytes += new
        if let since { marks.append(Mark(end: dropped + bytes.count, since: since)) }
    }

    /// Copies as many bytes as fit; returns their number.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let length = min(buffer.count, count)
        bytes.withUnsafeBytes { bytes in
            buffer.copyBytes(from: bytes[taken..<taken + length])
        }
        taken += length
        return length
    }

    /// The marks of bytes that have been taken since the last call.
    mutating func takeMarks() -> [ContinuousClock.Instant] {
        guard !marks.isEmpty else { return [] }
        let end = dropped + taken
        let passed = marks.prefix { $0.end <= end }.map(\.since)
        marks.removeFirst(passed.count)
        return passed
    }
}
