public import JSON

/// The compiled form of a schema.
///
/// All outputs with the same schema share it.
public struct OutputConstraint: Sendable {
    let grammar: Grammar
    /// The source of its schema.
    public let source: SchemaSource

    /// Compiles `schema`.
    ///
    /// - Throws: `SchemaError` if it needs more states than `SchemaLimits` allows, or if no JSON satisfies it.
    public init(_ schema: JSONSchema) throws(SchemaError) {
        let draft = try GrammarDraft(schema)
        let reach = GrammarReach(draft)
        guard reach.isLive(Int(Grammar.start)) else {
            throw SchemaError(
                path: schema.paths[schema.root],
                reason: "no JSON of at most \(SchemaLimits.outputDepth) levels satisfies the schema")
        }
        grammar = Grammar(draft, reach)
        source = schema.source
    }

    /// Reads and compiles `schema`.
    public init(_ schema: JSONValue) throws(SchemaError) {
        try self.init(JSONSchema(schema))
    }

    /// A matcher for a new output.
    public var matcher: Matcher { Matcher(grammar) }

    /// Number of states of the automaton.
    public var stateCount: Int { grammar.rows.count }
}

/// The position of an output in its constraint, and what may follow.
///
/// The output is compact JSON. The only white space is one optional space after a colon, and after a comma between
/// items or properties; with more freedom, small models fill their whole budget with spaces. Within strings, UTF-8 and
/// escapes are valid at every step. Copies are cheap and independent.
///
///     var matcher = try OutputConstraint(.object([.init("type", .string("boolean"))])).matcher
///     matcher.allows(UInt8(ascii: "t"))  // true
///     matcher.advance(Array("true".utf8))  // true
///     matcher.isComplete  // true
///
/// From every state that is not complete, some byte leads towards completion.
public struct Matcher: Sendable {
    let grammar: Grammar
    private(set) var pushdown = Pushdown()
    private(set) var position = Pushdown.beginning
    private var roomBeforeCompaction = 64

    init(_ grammar: Grammar) {
        self.grammar = grammar
    }

    /// Whether `byte` may come next.
    public func allows(_ byte: UInt8) -> Bool {
        var copy = pushdown
        return copy.step(position, byte, in: grammar) != nil
    }

    /// Consumes `byte`.
    ///
    /// Returns `false` and changes nothing if it is not allowed.
    @discardableResult
    public mutating func advance(_ byte: UInt8) -> Bool {
        guard let next = pushdown.step(position, byte, in: grammar) else { return false }
        position = next
        if pushdown.states.count > roomBeforeCompaction {
            (pushdown, position) = pushdown.compacted(position)
            roomBeforeCompaction = 2 * pushdown.states.count + 64
        }
        return true
    }

    /// Consumes `bytes`.
    ///
    /// Returns `false` and changes nothing if they are not allowed.
    @discardableResult
    public mutating func advance(_ bytes: some Sequence<UInt8>) -> Bool {
        let before = self
        for byte in bytes {
            guard advance(byte) else {
                self = before
                return false
            }
        }
        return true
    }

    /// Whether the output may end here.
    public var isComplete: Bool { pushdown.isComplete(position, in: grammar) }

    /// Whether the output is complete and nothing may follow.
    public var mustStop: Bool {
        guard isComplete else { return false }
        return !pushdown.states(at: position).contains { grammar.flags[Int($0)].contains(.reads) }
    }

    /// Minimum bytes needed to complete the output; 0 if it is complete.
    ///
    /// Near the nesting limit, where the shortest way may be closed, more can be needed.
    public var minimumBytesToFinish: Int {
        var best: [UInt32: Int] = [:]
        for state in pushdown.states(at: position) {
            best[grammar.rules[Int(state)]] = Int(grammar.lengths[Int(state)])
        }
        var frame = position.frame
        while frame >= 0 {
            let level = pushdown.frames[Int(frame)]
            var below: [UInt32: Int] = [:]
            for state in pushdown.states(waitingIn: level) {
                let call = grammar.calls[Int(state)]
                let value = grammar.alternatives[Int(call.place)].lazy.compactMap { best[$0] }.min()
                guard let value else { continue }
                below[grammar.rules[Int(state)]] = value + Int(grammar.lengths[Int(call.after)])
            }
            best = below
            frame = level.below
        }
        return best.values.min() ?? 0
    }

    /// Whether the output is between two characters of an unconstrained string.
    var isInFreeString: Bool {
        pushdown.states(at: position).contains { grammar.flags[Int($0)].contains(.freeString) }
    }
}
