import HeapModule

/// The minimum nesting and length that each state needs to reach the end of its rule.
///
/// States that cannot reach an end are removed, so an output never runs into a dead end.
struct GrammarReach {
    static let never = Int.max

    /// Minimum nesting of values.
    private(set) var depths: [Int]
    /// Minimum bytes.
    private(set) var lengths: [UInt32]
    private var placeDepths: [Int]
    private let graph: ReverseGraph

    init(_ draft: GrammarDraft) {
        graph = ReverseGraph(draft)
        depths = Array(repeating: Self.never, count: draft.states.count)
        placeDepths = Array(repeating: Self.never, count: draft.alternatives.count)
        lengths = Array(repeating: .max, count: draft.states.count)
        measureDepths(draft)
        measureLengths(draft)
    }

    func isLive(_ state: Int) -> Bool { depths[state] <= SchemaLimits.outputDepth }
    func isLive(place: Int) -> Bool { placeDepths[place] < SchemaLimits.outputDepth }

    /// Works backwards from the ends, in order of nesting.
    private mutating func measureDepths(_ draft: GrammarDraft) {
        var levels: [[Int]] = Array(repeating: [], count: SchemaLimits.outputDepth + 2)
        for (index, state) in draft.states.enumerated() where !state.flags.isDisjoint(with: [.closed, .open])
        {
            levels[0].append(index)
        }
        for level in 0...SchemaLimits.outputDepth {
            while let state = levels[level].popLast() {
                guard depths[state] == Self.never else { continue }
                depths[state] = level
                for source in graph.sources(of: state) { levels[level].append(source) }
                for caller in graph.callersReturning(to: state) {
                    guard let call = draft.states[caller].call else { continue }
                    let depth = placeDepths[call.place]
                    if depth < SchemaLimits.outputDepth { levels[max(level, depth + 1)].append(caller) }
                }
                for place in graph.places(startingAt: state) where placeDepths[place] == Self.never {
                    placeDepths[place] = level
                    for caller in graph.callers(of: place) {
                        guard let call = draft.states[caller].call, depths[call.after] != Self.never else {
                            continue
                        }
                        levels[max(depths[call.after], level + 1)].append(caller)
                    }
                }
            }
        }
    }

    /// Dijkstra's shortest paths.
    ///
    /// A call costs the shortest length of the called value.
    private mutating func measureLengths(_ draft: GrammarDraft) {
        var queue = Heap<Path>()
        var placeLengths: [UInt32?] = Array(repeating: nil, count: placeDepths.count)
        for (index, state) in draft.states.enumerated() where !state.flags.isDisjoint(with: [.closed, .open])
        {
            queue.insert(Path(length: 0, state: index))
        }
        while let path = queue.popMin() {
            let (length, state) = (path.length, path.state)
            guard lengths[state] == .max, length < .max / 4 else { continue }
            lengths[state] = length
            for source in graph.sources(of: state) where lengths[source] == .max {
                queue.insert(Path(length: length + 1, state: source))
            }
            for caller in graph.callersReturning(to: state) {
                guard let call = draft.states[caller].call, let value = placeLengths[call.place] else {
                    continue
                }
                queue.insert(Path(length: length + value, state: caller))
            }
            for place in graph.places(startingAt: state) where placeLengths[place] == nil {
                placeLengths[place] = length
                for caller in graph.callers(of: place) {
                    guard let call = draft.states[caller].call, lengths[call.after] < .max else { continue }
                    queue.insert(Path(length: length + lengths[call.after], state: caller))
                }
            }
        }
    }
}

/// The edges of a draft, reversed.
private struct ReverseGraph {
    private var incoming: [[Int32]]
    private var returns: [[Int32]]
    private var callers: [[Int32]]
    private var places: [Int: [Int]] = [:]

    init(_ draft: GrammarDraft) {
        incoming = Array(repeating: [], count: draft.states.count)
        returns = incoming
        callers = Array(repeating: [], count: draft.alternatives.count)
        for (index, state) in draft.states.enumerated() {
            for edge in state.edges where incoming[edge.target].last != Int32(index) {
                incoming[edge.target].append(Int32(index))
            }
            guard let call = state.call else { continue }
            returns[call.after].append(Int32(index))
            callers[call.place].append(Int32(index))
        }
        for (place, rules) in draft.alternatives.enumerated() {
            for rule in rules { places[draft.starts[rule], default: []].append(place) }
        }
    }

    func sources(of state: Int) -> some Sequence<Int> { incoming[state].lazy.map { Int($0) } }
    func callersReturning(to state: Int) -> some Sequence<Int> { returns[state].lazy.map { Int($0) } }
    func callers(of place: Int) -> some Sequence<Int> { callers[place].lazy.map { Int($0) } }
    func places(startingAt state: Int) -> [Int] { places[state] ?? [] }
}

/// A state and the length of a path from it to the end of its rule.
private struct Path: Comparable {
    let length: UInt32
    let state: Int

    static func < (left: Path, right: Path) -> Bool {
        (left.length, left.state) < (right.length, right.state)
    }
}
