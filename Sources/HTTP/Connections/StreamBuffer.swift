/// What of a stream has been written and not yet taken to be sent.
struct StreamBuffer {
    /// What the bytes up to an end say was known since.
    private struct Mark {
        /// In bytes from the stream's beginning.
        let end: Int
        let since: ContinuousClock.Instant
    }

    private var bytes: [UInt8] = []
    /// Of `bytes`, those that have been taken.
    private var taken = 0
    /// Bytes of the stream that came before `bytes`.
    private var dropped = 0
    private var marks: [Mark] = []

    /// Bytes that wait.
    var count: Int { bytes.count - taken }

    /// Bytes that it holds, taken or not.
    var keptCount: Int { bytes.count }

    /// `since`: when what they say was known, where anybody wants to know how long they take.
    mutating func append(_ news: [UInt8], knownSince since: ContinuousClock.Instant?) {
        // Else a client that always lags a little would have all of its answer kept.
        if taken > bytes.count / 2 {
            bytes.removeFirst(taken)
            dropped += taken
            taken = 0
        }
        bytes += news
        if let since { marks.append(Mark(end: dropped + bytes.count, since: since)) }
    }

    /// Takes as many as there are and fit.
    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let length = min(buffer.count, count)
        bytes.withUnsafeBytes { bytes in
            buffer.copyBytes(from: bytes[taken..<taken + length])
        }
        taken += length
        return length
    }

    /// Since when was known what the bytes say that have been taken, once each.
    mutating func takeMarks() -> [ContinuousClock.Instant] {
        guard !marks.isEmpty else { return [] }
        let end = dropped + taken
        let passed = marks.prefix { $0.end <= end }.map(\.since)
        marks.removeFirst(passed.count)
        return passed
    }
}
