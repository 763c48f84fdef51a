/// The non-deterministic automaton of a pattern (Thompson's construction).
private struct PatternGraph {
    enum Step {
        case free, start, end
        case characters(CharacterSet)
    }

    private static let maximumNodes = 40_000
    private static let maximumWork = 400_000

    /// Number of pattern parts visited.
    ///
    /// Repeating an empty part adds no nodes but takes time.
    private var work = 0
    private(set) var arcs: [[(step: Step, target: Int)]] = []

    mutating func node() throws(InvalidPattern) -> Int {
        guard arcs.count < Self.maximumNodes else { throw InvalidPattern(reason: "the pattern is too large") }
        arcs.append([])
        return arcs.count - 1
    }

    mutating func connect(_ from: Int, _ step: Step, _ to: Int) { arcs[from].append((step, to)) }

    /// Adds the path of `pattern` from `from`; returns its end.
    mutating func add(_ pattern: Pattern, from: Int) throws(InvalidPattern) -> Int {
        work += 1
        guard work <= Self.maximumWork else { throw InvalidPattern(reason: "the pattern is too large") }
        switch pattern {
        case .start: return try step(.start, from: from)
        case .end: return try step(.end, from: from)
        case .characters(let set): return try step(.characters(set), from: from)
        case .sequence(let parts):
            var last = from
            for part in parts { last = try add(part, from: last) }
            return last
        case .choice(let branches):
            let end = try node()
            for branch in branches { connect(try add(branch, from: from), .free, end) }
            return end
        case .repeated(let inner, let minimum, let maximum):
            var last = from
            for _ in 0..<minimum { last = try add(inner, from: last) }
            guard let maximum else { return try addLoop(inner, from: last) }
            let end = try node()
            for _ in minimum..<maximum {
                connect(last, .free, end)
                last = try add(inner, from: last)
            }
            connect(last, .free, end)
            return end
        }
    }

    private mutating func step(_ step: Step, from: Int) throws(InvalidPattern) -> Int {
        let to = try node()
        connect(from, step, to)
        return to
    }

    private mutating func addLoop(_ inner: Pattern, from: Int) throws(InvalidPattern) -> Int {
        let hub = try node()
        connect(from, .free, hub)
        connect(try add(inner, from: hub), .free, hub)
        let end = try node()
        connect(hub, .free, end)
        return end
    }

    /// All nodes that `nodes` reach without a character.
    func closure(of nodes: [Int], atStart: Bool, atEnd: Bool) -> [Int] {
        var seen = Set(nodes)
        var pending = nodes
        while let node = pending.popLast() {
            for arc in arcs[node] {
                let isOpen: Bool
                switch arc.step {
                case .free: isOpen = true
                case .start: isOpen = atStart
                case .end: isOpen = atEnd
                case .characters: isOpen = false
                }
                if isOpen, seen.insert(arc.target).inserted { pending.append(arc.target) }
            }
        }
        return seen.sorted()
    }
}

extension CharacterAutomaton {
    private static let maximumWork = 500_000

    /// The strings in which `pattern` matches somewhere, which is what JSON Schema's `pattern` means.
    init(pattern: String) throws(InvalidPattern) {
        var graph = PatternGraph()
        let first = try graph.node()
        // Without ^ the match may start anywhere, without $ it may end anywhere.
        let before = try graph.node()
        graph.connect(first, .characters(.all), before)
        graph.connect(before, .characters(.all), before)
        let start = try graph.node()
        graph.connect(first, .free, start)
        graph.connect(before, .free, start)
        let end = try graph.add(try PatternParser.parse(pattern), from: start)
        graph.connect(end, .characters(.all), end)
        self = try Self.determinised(graph, from: first, to: end)
    }

    private static func determinised(
        _ graph: PatternGraph, from first: Int, to end: Int
    ) throws(InvalidPattern) -> CharacterAutomaton {
        var sets = [graph.closure(of: [first], atStart: true, atEnd: false)]
        var numbers = [sets[0]: 0]
        var states: [State] = []
        var work = 0
        while states.count < sets.count {
            let isFirst = states.isEmpty
            let nodes = sets[states.count]
            let atEnd = graph.closure(of: nodes, atStart: isFirst, atEnd: true)
            var state = State(isAccepting: atEnd.contains(end))
            let ranges = split(graph, nodes)
            for (range, targets) in ranges {
                let closed = graph.closure(of: targets, atStart: false, atEnd: false)
                let number = numbers[closed, default: sets.count]
                if number == sets.count {
                    numbers[closed] = number
                    sets.append(closed)
                }
                state.arcs.append(Arc(characters: range, target: number))
                work += closed.count
            }
            states.append(state)
            work += atEnd.count + ranges.count
            guard sets.count <= SchemaLimits.patternStates, work <= maximumWork else {
                throw InvalidPattern(reason: "the pattern takes too many states")
            }
        }
        return CharacterAutomaton(states: states)
    }

    /// The characters that `nodes` accept, in ranges whose characters all lead to the same nodes.
    private static func split(
        _ graph: PatternGraph, _ nodes: [Int]
    ) -> [(range: ClosedRange<UInt32>, targets: [Int])] {
        var changes: [(at: UInt32, target: Int, isStart: Bool)] = []
        for node in nodes {
            for case (.characters(let set), let target) in graph.arcs[node] {
                for range in set.ranges {
                    changes.append((range.lowerBound, target, true))
                    changes.append((range.upperBound + 1, target, false))
                }
            }
        }
        changes.sort { $0.at < $1.at }
        var result: [(range: ClosedRange<UInt32>, targets: [Int])] = []
        var open: [Int: Int] = [:]
        for (index, change) in changes.enumerated() {
            open[change.target, default: 0] += change.isStart ? 1 : -1
            if open[change.target] == 0 { open[change.target] = nil }
            guard index + 1 < changes.count, changes[index + 1].at > change.at, !open.isEmpty else {
                continue
            }
            result.append((change.at...(changes[index + 1].at - 1), Array(open.keys)))
        }
        return result
    }
}
