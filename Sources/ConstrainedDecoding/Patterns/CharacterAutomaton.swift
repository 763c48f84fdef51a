/// A set of Unicode code points as sorted ranges that do not touch.
struct CharacterSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    static let all = CharacterSet([0...0x10_FFFF])

    init(_ ranges: [ClosedRange<UInt32>]) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
                let upper = max(last.upperBound, range.upperBound)
                self.ranges[self.ranges.count - 1] = last.lowerBound...upper
            } else {
                self.ranges.append(range)
            }
        }
    }

    var inverted: CharacterSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10_FFFF { gaps.append(next...0x10_FFFF) }
        return CharacterSet(gaps)
    }

    func union(_ other: CharacterSet) -> CharacterSet { CharacterSet(ranges + other.ranges) }
}

/// A deterministic automaton over code points; state 0 is the start.
struct CharacterAutomaton: Sendable {
    struct Arc: Hashable, Sendable {
        var characters: ClosedRange<UInt32>
        var target: Int
    }

    struct State: Sendable {
        /// Sorted and disjoint.
        var arcs: [Arc] = []
        var isAccepting = false
    }

    var states: [State]

    /// Strings of `minimum` to `maximum` characters.
    ///
    /// Control characters without a short escape are excluded: they would need five more states for each state.
    init(lengths minimum: Int, _ maximum: Int?) {
        let last = maximum ?? minimum
        let any: [ClosedRange<UInt32>] = [0x08...0x0A, 0x0C...0x0D, 0x20...0x10_FFFF]
        states = (0...last).map { length in
            let target = length < last ? length + 1 : maximum == nil ? length : nil
            return State(
                arcs: target.map { target in any.map { Arc(characters: $0, target: target) } } ?? [],
                isAccepting: length >= minimum)
        }
    }

    init(states: [State]) {
        self.states = states
    }

    /// The intersection; `nil` if it needs more than `limit` states.
    func intersection(_ other: CharacterAutomaton, limit: Int) -> CharacterAutomaton? {
        struct Pair: Hashable {
            var left: Int
            var right: Int
        }
        var pairs = [Pair(left: 0, right: 0)]
        var numbers = [pairs[0]: 0]
        var result: [State] = []
        while result.count < pairs.count {
            let pair = pairs[result.count]
            let (left, right) = (states[pair.left], other.states[pair.right])
            var state = State(isAccepting: left.isAccepting && right.isAccepting)
            var (i, j) = (0, 0)
            while i < left.arcs.count, j < right.arcs.count {
                let (a, b) = (left.arcs[i], right.arcs[j])
                if a.characters.overlaps(b.characters) {
                    let target = Pair(left: a.target, right: b.target)
                    let number = numbers[target, default: pairs.count]
                    if number == pairs.count {
                        guard number < limit else { return nil }
                        numbers[target] = number
                        pairs.append(target)
                    }
                    state.arcs.append(Arc(characters: a.characters.clamped(to: b.characters), target: number))
                }
                if a.characters.upperBound < b.characters.upperBound { i += 1 } else { j += 1 }
            }
            result.append(state)
        }
        return CharacterAutomaton(states: result)
    }
}
