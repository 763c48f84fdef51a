/// The automaton of a schema, ready to be followed.
///
/// Every value (a string and a number, too) is a rule of its own, with states that read bytes. A state that expects
/// a value calls the rules which the value may follow: where the value ends shows in the bytes themselves, so all
/// rules that are tried at once begin and end together, and one stack serves them all.
final class Grammar: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// The value ended with the byte just read.
        static let closed = Flags(rawValue: 1)
        /// The value may have ended: a number, which only the byte after it closes.
        static let open = Flags(rawValue: 2)
        /// A value may come next.
        static let calls = Flags(rawValue: 4)
        /// Between two characters of a string of any characters.
        static let freeString = Flags(rawValue: 8)
        /// Some byte leads on.
        static let reads = Flags(rawValue: 16)
    }

    struct Row: Sendable {
        /// Where in `classes` the state's classes of bytes are; states share them.
        var classes: UInt32
        /// Where in `targets` its targets are, by class.
        var targets: UInt32
    }

    struct Call: Sendable {
        var place: UInt32
        var after: UInt32
    }

    static let dead: UInt32 = 0
    /// Marks a target at which more has to be looked at than the byte.
    static let notPlain: UInt32 = 1 << 31
    /// The state before the value of the root, and the one after it.
    static let start: UInt32 = 1
    static let end: UInt32 = 2

    let rows: [Row]
    let classes: [UInt8]
    let targets: [UInt32]
    let flags: [Flags]
    /// By state; of use only where the flags say that it calls.
    let calls: [Call]
    let rules: [UInt32]
    /// How many values within values it takes at least to get to the end of the rule.
    let depths: [UInt8]
    /// How many bytes it takes at least to get to the end of the rule.
    let lengths: [UInt32]
    /// By rule.
    let starts: [UInt32]
    /// By place: the rules that a value there may follow, sorted.
    let alternatives: [[UInt32]]

    init(_ draft: GrammarDraft, _ reach: GrammarReach) {
        var packing = RowPacking()
        for state in draft.states {
            packing.add(state.edges.filter { reach.isLive($0.target) }) { target in
                let state = draft.states[target]
                let isPlain = state.flags.isDisjoint(with: [.closed, .open]) && state.call == nil
                return isPlain && reach.depths[target] == 0
            }
        }
        rows = packing.rows
        classes = packing.classes
        targets = packing.targets
        calls = draft.states.map { state in
            guard let call = state.call else { return Call(place: 0, after: Self.dead) }
            return Call(place: UInt32(call.place), after: UInt32(call.after))
        }
        flags = draft.states.indices.map { index in
            var flags = draft.states[index].flags
            if draft.states[index].edges.contains(where: { reach.isLive($0.target) }) { flags.insert(.reads) }
            if let call = draft.states[index].call, reach.isLive(call.after), reach.isLive(place: call.place)
            {
                flags.insert(.calls)
            }
            return flags
        }
        rules = draft.states.map { UInt32($0.rule) }
        depths = reach.depths.map { UInt8(min($0, 255)) }
        lengths = reach.lengths
        starts = draft.starts.map { UInt32($0) }
        alternatives = draft.alternatives.map { rules in
            rules.filter { reach.isLive(draft.starts[$0]) }.map { UInt32($0) }.sorted()
        }
    }

    /// Where `byte` leads from `state`: `dead` if nowhere.
    @inline(__always)
    func target(of state: UInt32, _ byte: UInt8) -> UInt32 {
        let row = rows[Int(state)]
        return targets[Int(row.targets) + Int(classes[Int(row.classes) + Int(byte)])] & ~Self.notPlain
    }

    /// Whether `state` does nothing but read, and no lack of room can keep it from the end of its rule.
    func isPlain(_ state: UInt32) -> Bool {
        flags[Int(state)].isDisjoint(with: [.closed, .open, .calls]) && depths[Int(state)] == 0
    }
}

/// Puts the edges of states into tables.
private struct RowPacking {
    private(set) var rows: [Grammar.Row] = []
    private(set) var classes: [UInt8] = []
    private(set) var targets: [UInt32] = []
    private var known: [[UInt8]: UInt32] = [:]

    mutating func add(_ edges: [GrammarDraft.Edge], isPlain: (Int) -> Bool) {
        let row = UInt32(targets.count)
        targets.append(Grammar.dead)
        var numbers: [Int: UInt8] = [:]
        // At most 255 classes: more than that takes bytes that JSON never has.
        var ranges: [UInt8] = []
        for edge in edges {
            let number = numbers[edge.target, default: UInt8(numbers.count + 1)]
            if numbers[edge.target] == nil {
                numbers[edge.target] = number
                targets.append(UInt32(edge.target) | (isPlain(edge.target) ? 0 : Grammar.notPlain))
            }
            ranges += [edge.bytes.lowerBound, edge.bytes.upperBound, number]
        }
        if let offset = known[ranges] {
            rows.append(.init(classes: offset, targets: row))
            return
        }
        var map = [UInt8](repeating: 0, count: 256)
        for start in stride(from: 0, to: ranges.count, by: 3) {
            for byte in ranges[start]...ranges[start + 1] { map[Int(byte)] = ranges[start + 2] }
        }
        known[ranges] = UInt32(classes.count)
        rows.append(.init(classes: UInt32(classes.count), targets: row))
        classes += map
    }
}
