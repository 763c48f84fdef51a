/// The compiled automaton of a schema.
///
/// Every value, strings and numbers included, is a rule with states that read bytes. A state that expects a value calls
/// the rules that the value may follow. The bytes themselves show where a value ends. So all rules tried at once begin
/// and end together, and one stack is enough.
final class Grammar: Sendable {
    struct Flags: OptionSet, Sendable {
        let rawValue: UInt8
        /// The value ended with the byte just read.
        static let closed = Flags(rawValue: 1)
        /// The value may have ended: a number, which only the next byte ends.
        static let open = Flags(rawValue: 2)
        /// A value may come next.
        static let calls = Flags(rawValue: 4)
        /// Between two characters of an unconstrained string.
        static let freeString = Flags(rawValue: 8)
        /// Some byte is allowed next.
        static let reads = Flags(rawValue: 16)
    }

    struct Row: Sendable {
        /// Index into `classes` of the state's byte classes; states share them.
        var classes: UInt32
        /// Index into `targets` of its targets, by class.
        var targets: UInt32
    }

    struct Call: Sendable {
        var place: UInt32
        var after: UInt32
    }

    static let dead: UInt32 = 0
    /// Marks a target that needs more than the byte to decide.
    static let notPlain: UInt32 = 1 << 31
    /// The states before and after the root value.
    static let start: UInt32 = 1
    static let end: UInt32 = 2

    let rows: [Row]
    let classes: [UInt8]
    let targets: [UInt32]
    let flags: [Flags]
    /// By state; valid only where the flags say that it calls.
    let calls: [Call]
    let rules: [UInt32]
    /// Minimum nesting still needed to reach the end of the rule.
    let depths: [UInt8]
    /// Minimum bytes still needed to reach the end of the rule.
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

    /// The state after `byte`; `dead` if the byte is not allowed.
    @inline(__always)
    func target(of state: UInt32, _ byte: UInt8) -> UInt32 {
        let row = rows[Int(state)]
        return targets[Int(row.targets) + Int(classes[Int(row.classes) + Int(byte)])] & ~Self.notPlain
    }

    /// Whether `state` only reads bytes, and can reach the end of its rule at any nesting depth.
    func isPlain(_ state: UInt32) -> Bool {
        flags[Int(state)].isDisjoint(with: [.closed, .open, .calls]) && depths[Int(state)] == 0
    }
}

/// Converts the edges of states to tables.
private struct RowPacking {
    private(set) var rows: [Grammar.Row] = []
    private(set) var classes: [UInt8] = []
    private(set) var targets: [UInt32] = []
    private var known: [[UInt8]: UInt32] = [:]

    mutating func add(_ edges: [GrammarDraft.Edge], isPlain: (Int) -> Bool) {
        let row = UInt32(targets.count)
        targets.append(Grammar.dead)
        var numbers: [Int: UInt8] = [:]
        // At most 255 classes: more would need bytes that JSON never contains.
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
