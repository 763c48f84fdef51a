/// Finds stop strings in text that arrives in pieces; holds back text that may be the start of one.
struct StopMatcher {
    private let stops: [[UInt8]]
    private let includesStop: Bool
    private var pending: [UInt8] = []

    /// `includesStop`: the stop string that is found is released too.
    init(_ stops: [String], includesStop: Bool = false) {
        self.includesStop = includesStop
        self.stops = stops.map { Array($0.utf8) }
    }

    /// Returns text that is not part of a stop string, and whether one has been found after it.
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

    /// Returns the text held back, when there is no more to come.
    mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    private func firstIndex(of stop: [UInt8]) -> Int? {
        guard pending.count >= stop.count else { return nil }
        return (0...pending.count - stop.count).first { pending[$0..<$0 + stop.count].elementsEqual(stop) }
    }

    /// How many bytes at the end may be the start of a stop string.
    private var heldBack: Int {
        stops.map { stop in
            stride(from: min(stop.count - 1, pending.count), to: 0, by: -1).first { length in
                pending.suffix(length).elementsEqual(stop.prefix(length))
            } ?? 0
        }.max() ?? 0
    }
}
