/// A set of tokens as a bit mask.
public struct TokenMask: Equatable, Sendable {
    /// Bit `i % 64` of word `i / 64` stands for token `i`.
    public private(set) var words: [UInt64]
    public let tokenCount: Int

    /// Creates an empty set for a vocabulary of `tokenCount`.
    public init(tokenCount: Int) {
        self.tokenCount = tokenCount
        words = Array(repeating: 0, count: (tokenCount + 63) / 64)
    }

    public subscript(token: Int) -> Bool {
        get { words[token >> 6] >> UInt64(token & 63) & 1 == 1 }
        set {
            if newValue { insert(token) } else { words[token >> 6] &= ~(1 << UInt64(token & 63)) }
        }
    }

    /// Number of tokens in the set.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    public mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    @inline(__always)
    mutating func insert(_ token: Int) { words[token >> 6] |= 1 << UInt64(token & 63) }
}

extension TokenMask: Sequence {
    /// The tokens of the set, ascending.
    public func makeIterator() -> some IteratorProtocol<Int> {
        words.indices.lazy.flatMap { index in
            sequence(state: words[index]) { word in
                guard word != 0 else { return nil as Int? }
                defer { word &= word - 1 }
                return index * 64 + word.trailingZeroBitCount
            }
        }.makeIterator()
    }
}
