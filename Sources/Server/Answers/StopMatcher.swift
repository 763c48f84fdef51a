/// Finds stop strings in text that comes in pieces, and holds back what might be the beginning of one.
struct StopMatcher {
    private let stops: [[UInt8]]
    private let includesStop: Bool
    private var pending: [UInt8] = []

    /// `includesStop`: the string that is found belongs to the text before it.
    init(_ stops: [String], includesStop: Bool = false) {
        self.includesStop = includesStop
        self.stops = stops.map { Array($0.utf8) }
    }

    /// Text that is certain not to belong to a stop string, and whether one has been found after it.
    mutating func append(_ text: String) -> (released: String, isMatch: Bool) {
        guard !stops.isEmpty else { return (text, false) }
        pending += Array(text.utf8)
        let found = stops.compactMap { stop in firstIndex(of: stop).map { (start: $0, end: $0 + stop.count) }
        }
        if let first = found.min(by: { $0 < $1 }) {
            defer { pending = [] }
            let end = includesStop ? first.end : first.start
            return (String(decoding: pending[..<end], as: UTF8.self), true)
        }
        let certain = pending.count - heldBack
        defer { pending.removeFirst(certain) }
        return (String(decoding: pending[..<certain], as: UTF8.self), false)
    }

    /// What was held back, once no more text comes.
    mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    private func firstIndex(of stop: [UInt8]) -> Int? {
        guard pending.count >= stop.count else { return nil }
        return (0...pending.count - stop.count).first { pending[$0..<$0 + stop.count].elementsEqual(stop) }
    }

    /// Bytes at the end that a stop string begins with.
    private var heldBack: Int {
        stops.map { stop in
            stride(from: min(stop.count - 1, pending.count), to: 0, by: -1).first { length in
                pending.suffix(length).elementsEqual(stop.prefix(length))
            } ?? 0
        }.max() ?? 0
    }
}
