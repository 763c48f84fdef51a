/// The stack of open values, each with its possible states.
///
/// Levels and states are only appended. To try several continuations, remember the counts and truncate afterwards.
struct Pushdown: Sendable {
    /// An enclosing value: the states that wait for the inner value to end.
    struct Frame: Sendable {
        var below: Int32
        var start: Int32
        var count: Int32
    }

    /// A position of the output: the states of the innermost value, and the enclosing level.
    struct Position: Sendable {
        var start: Int32
        var count: Int32
        var frame: Int32
        var depth: Int32
    }

    private(set) var states: [UInt32] = [Grammar.start]
    private(set) var frames: [Frame] = []

    static let beginning = Position(start: 0, count: 1, frame: -1, depth: 0)

    func states(at position: Position) -> ArraySlice<UInt32> {
        states[Int(position.start)..<Int(position.start + position.count)]
    }

    func states(waitingIn frame: Frame) -> ArraySlice<UInt32> {
        states[Int(frame.start)..<Int(frame.start + frame.count)]
    }

    /// The nesting still allowed inside the value at `position`.
    static func room(at depth: Int32) -> Int { SchemaLimits.outputDepth - Int(depth) }

    mutating func append(_ state: UInt32) { states.append(state) }

    mutating func cut(states stateCount: Int, frames frameCount: Int) {
        states.removeLast(states.count - stateCount)
        frames.removeLast(frames.count - frameCount)
    }

    /// The position after `byte`; `nil` if it is not allowed.
    mutating func step(_ position: Position, _ byte: UInt8, in grammar: Grammar) -> Position? {
        if let next = read(position, byte, in: grammar) ?? call(position, byte, in: grammar) {
            let isClosed = grammar.flags[Int(states[Int(next.start)])].contains(.closed)
            return isClosed ? leave(next, .closed, in: grammar) : next
        }
        guard let above = leave(position, .open, in: grammar) else { return nil }
        return read(above, byte, in: grammar).flatMap { next in
            let isClosed = grammar.flags[Int(states[Int(next.start)])].contains(.closed)
            return isClosed ? leave(next, .closed, in: grammar) : next
        }
    }

    /// Consumes the byte as part of the current value.
    private mutating func read(_ position: Position, _ byte: UInt8, in grammar: Grammar) -> Position? {
        let start = states.count
        let room = Self.room(at: position.depth)
        for index in Int(position.start)..<Int(position.start + position.count) {
            let target = grammar.target(of: states[index], byte)
            if target != Grammar.dead, Int(grammar.depths[Int(target)]) <= room { states.append(target) }
        }
        guard states.count > start else { return nil }
        return Position(
            start: Int32(start), count: Int32(states.count - start), frame: position.frame,
            depth: position.depth)
    }

    /// Consumes the byte as the first of a nested value.
    private mutating func call(_ position: Position, _ byte: UInt8, in grammar: Grammar) -> Position? {
        let frameStart = states.count
        let room = Self.room(at: position.depth)
        for index in Int(position.start)..<Int(position.start + position.count) {
            let state = states[index]
            guard grammar.flags[Int(state)].contains(.calls) else { continue }
            let call = grammar.calls[Int(state)]
            guard Int(grammar.depths[Int(call.after)]) <= room else { continue }
            let isPossible = grammar.alternatives[Int(call.place)].contains {
                Self.entry(to: $0, byte, room: room - 1, in: grammar) != nil
            }
            if isPossible { states.append(state) }
        }
        let start = states.count
        guard start > frameStart else { return nil }
        for index in frameStart..<start {
            for rule in grammar.alternatives[Int(grammar.calls[Int(states[index])].place)] {
                if let state = Self.entry(to: rule, byte, room: room - 1, in: grammar) {
                    states.append(state)
                }
            }
        }
        if start - frameStart > 1 { removeDuplicates(from: start) }
        frames.append(
            Frame(below: position.frame, start: Int32(frameStart), count: Int32(start - frameStart)))
        return Position(
            start: Int32(start), count: Int32(states.count - start), frame: Int32(frames.count - 1),
            depth: position.depth + 1)
    }

    private static func entry(to rule: UInt32, _ byte: UInt8, room: Int, in grammar: Grammar) -> UInt32? {
        let state = grammar.target(of: grammar.starts[Int(rule)], byte)
        return state != Grammar.dead && Int(grammar.depths[Int(state)]) <= room ? state : nil
    }

    private mutating func removeDuplicates(from start: Int) {
        states[start...].sort()
        var end = start
        for index in start..<states.count where index == start || states[index] != states[end - 1] {
            states[end] = states[index]
            end += 1
        }
        states.removeLast(states.count - end)
    }

    /// The enclosing level after the current value has ended, from the states that have `flag`.
    private mutating func leave(_ position: Position, _ flag: Grammar.Flags, in grammar: Grammar) -> Position?
    {
        guard position.frame >= 0 else { return nil }
        let frame = frames[Int(position.frame)]
        let start = states.count
        for index in Int(frame.start)..<Int(frame.start + frame.count) {
            let call = grammar.calls[Int(states[index])]
            let rules = grammar.alternatives[Int(call.place)]
            let isDone = (Int(position.start)..<Int(position.start + position.count)).contains {
                grammar.flags[Int(states[$0])].contains(flag)
                    && rules.hasSorted(grammar.rules[Int(states[$0])])
            }
            if isDone { states.append(call.after) }
        }
        guard states.count > start else { return nil }
        return Position(
            start: Int32(start), count: Int32(states.count - start), frame: frame.below,
            depth: position.depth - 1)
    }

    /// Whether the output may end at `position`.
    func isComplete(_ position: Position, in grammar: Grammar) -> Bool {
        switch position.depth {
        case 0: states(at: position).contains(Grammar.end)
        case 1: states(at: position).contains { grammar.flags[Int($0)].contains(.open) }
        default: false
        }
    }

    /// A copy without levels that are no longer needed.
    func compacted(_ position: Position) -> (Pushdown, Position) {
        var open: [Frame] = []
        var frame = position.frame
        while frame >= 0 {
            open.append(frames[Int(frame)])
            frame = frames[Int(frame)].below
        }
        var copy = Pushdown()
        copy.states.removeAll()
        for (index, frame) in open.reversed().enumerated() {
            copy.frames.append(
                Frame(below: Int32(index - 1), start: Int32(copy.states.count), count: frame.count))
            copy.states += states(waitingIn: frame)
        }
        let start = Int32(copy.states.count)
        copy.states += states(at: position)
        return (
            copy,
            Position(
                start: start, count: position.count, frame: Int32(open.count - 1), depth: position.depth)
        )
    }
}

extension [UInt32] {
    fileprivate func hasSorted(_ element: UInt32) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == element
    }
}
