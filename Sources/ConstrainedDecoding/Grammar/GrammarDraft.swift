/// A grammar under construction.
struct GrammarDraft {
    struct Edge {
        var bytes: ClosedRange<UInt8>
        var target: Int
    }

    struct State {
        var rule: Int
        var edges: [Edge] = []
        var flags: Grammar.Flags = []
        var call: (place: Int, after: Int)?
    }

    private(set) var states: [State] = []
    /// The first state of each rule.
    private(set) var starts: [Int] = []
    private(set) var alternatives: [[Int]] = []
    private var known: [ValueShape: Int] = [:]
    /// The place whose states are being created, for error messages.
    private(set) var path = "#"
    var continuations: [Continuation: Int] = [:]

    /// States within a UTF-8 sequence, by the number of bytes left and the characters they lead to.
    struct Continuation: Hashable {
        var bytes: Int
        var arcs: [CharacterAutomaton.Arc]
    }

    init(_ schema: JSONSchema) throws(SchemaError) {
        // The dead state, and the two root states.
        for _ in 0..<3 { states.append(State(rule: 0)) }
        starts.append(Int(Grammar.start))
        states[Int(Grammar.start)].call = (schema.root, Int(Grammar.end))
        states[Int(Grammar.end)].flags = .open
        for (place, shapes) in schema.places.enumerated() {
            path = schema.paths[place]
            var rules: [Int] = []
            for shape in shapes { rules.append(try rule(of: shape)) }
            alternatives.append(rules)
        }
    }

    private mutating func rule(of shape: ValueShape) throws(SchemaError) -> Int {
        if let rule = known[shape] { return rule }
        let rule = starts.count
        known[shape] = rule
        starts.append(0)
        continuations = [:]
        starts[rule] = try state()
        switch shape {
        case .null: try addLiteral("null", from: starts[rule])
        case .bool(let value): try addLiteral(value ? "true" : "false", from: starts[rule])
        case .string(let shape): try addString(shape, from: starts[rule])
        case .strings(let texts): try addStrings(texts, from: starts[rule])
        case .number(let shape): try addNumber(shape, from: starts[rule])
        case .numbers(let texts):
            for text in texts { try addText(text.utf8, from: starts[rule], ending: .open) }
        case .object(let shape): try addObject(shape, from: starts[rule])
        case .array(let shape): try addArray(shape, from: starts[rule])
        }
        return rule
    }

    /// Adds a state to the current rule.
    mutating func state(_ flags: Grammar.Flags = []) throws(SchemaError) -> Int {
        guard states.count < SchemaLimits.states else {
            throw SchemaError(
                path: path, reason: "here the schema takes more than \(SchemaLimits.states) states")
        }
        states.append(State(rule: starts.count - 1, flags: flags))
        return states.count - 1
    }

    mutating func connect(_ from: Int, _ bytes: ClosedRange<UInt8>, _ to: Int) {
        states[from].edges.append(Edge(bytes: bytes, target: to))
    }

    mutating func connect(_ from: Int, _ character: Unicode.Scalar, _ to: Int) {
        let byte = UInt8(ascii: character)
        connect(from, byte...byte, to)
    }

    mutating func call(_ place: Int, from: Int, after: Int) {
        states[from].call = (place, after)
    }

    mutating func allowEnd(at state: Int, _ flags: Grammar.Flags) {
        states[state].flags.formUnion(flags)
    }

    private mutating func addLiteral(_ text: String, from: Int) throws(SchemaError) {
        try addText(text.utf8, from: from, ending: .closed)
    }

    private mutating func addStrings(_ texts: [[UInt8]], from: Int) throws(SchemaError) {
        for text in texts {
            var spelled = [UInt8(ascii: "\"")]
            for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
                spelled += CharacterSpelling.bytes(of: scalar)
            }
            spelled.append(UInt8(ascii: "\""))
            try addText(spelled, from: from, ending: .closed)
        }
    }

    /// Adds `text` to the trie that starts at `from`.
    private mutating func addText(
        _ text: some Collection<UInt8>, from: Int, ending: Grammar.Flags
    ) throws(SchemaError) {
        var last = from
        for byte in text {
            if let edge = states[last].edges.first(where: { $0.bytes.contains(byte) }) {
                last = edge.target
            } else {
                let next = try state()
                connect(last, byte...byte, next)
                last = next
            }
        }
        allowEnd(at: last, ending)
    }

    /// `[`, items, `]`; one optional space after each comma.
    private mutating func addArray(_ shape: ArrayShape, from: Int) throws(SchemaError) {
        let end = try state(.closed)
        var current = try state()
        connect(from, "[", current)
        var count = 0
        let loop = max(shape.prefix.count, shape.minimum)
        var entrance = (direct: current, spaced: Int?.none)
        while true {
            if count >= shape.minimum { connect(current, "]", end) }
            let place = count < shape.prefix.count ? shape.prefix[count] : shape.rest
            if let maximum = shape.maximum, count >= maximum { break }
            guard let place else { break }
            if count > 0 { entrance = try addComma(after: current) }
            let isLoop = shape.maximum == nil && count > loop
            let next = isLoop ? current : try state()
            for state in [entrance.direct, entrance.spaced] {
                if let state { call(place, from: state, after: next) }
            }
            if isLoop { break }
            current = next
            count += 1
        }
    }

    /// The states after a comma, and after a comma and a space.
    mutating func addComma(after state: Int) throws(SchemaError) -> (direct: Int, spaced: Int?) {
        let direct = try self.state()
        let spaced = try self.state()
        connect(state, ",", direct)
        connect(direct, " ", spaced)
        return (direct, spaced)
    }
}
