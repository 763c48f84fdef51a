/// A loop in progress: the variable `loop` of templates.
final class Loop {
    fileprivate let statement: ForLoop
    /// The loop's current position.
    fileprivate let scope: Interpreter.Scope
    let depth: Int
    let extent: Extent
    private(set) var index = -1
    private(set) var previous: Value?
    private(set) var current: Value?
    fileprivate var upcoming: Value?
    fileprivate var rest: OnePass
    fileprivate var test: Expression?
    fileprivate var knownCount: Int?
    fileprivate var lastChanged: [Value]?

    fileprivate init(
        _ statement: ForLoop, scope: Interpreter.Scope, rest: OnePass, count: Int?, depth: Int
    ) {
        self.statement = statement
        self.scope = scope
        self.depth = depth
        self.rest = rest
        extent = rest.extent
        test = statement.test
        knownCount = count
    }

    fileprivate func move(to value: Value) {
        index += 1
        (previous, current) = (current, value)
    }
}

extension Interpreter {
    func execute(_ statement: ForLoop, over value: Value, depth: Int) throws(TemplateError) -> Flow {
        let outer = scope
        defer { scope = outer }
        let loop = try begin(statement, over: value, depth: depth)
        var hasRun = false
        while let item = try next(in: loop) {
            hasRun = true
            loop.move(to: item)
            scope = Scope(parent: outer)
            scope.variables["loop"] = .loop(loop)
            try assign(item, to: statement.target)
            if case .breakLoop = try execute(statement.body) { break }
        }
        guard !hasRun, !statement.otherwise.isEmpty else { return .next }
        scope = Scope(parent: outer)
        return try execute(statement.otherwise)
    }

    private func begin(_ statement: ForLoop, over value: Value, depth: Int) throws(TemplateError) -> Loop {
        if case .iterator(let rest) = value {
            return Loop(statement, scope: scope, rest: rest, count: nil, depth: depth)
        }
        let items = try made(try values(of: value))
        return Loop(
            statement, scope: scope, rest: OnePass(items),
            count: statement.test == nil ? items.values.count : nil, depth: depth)
    }

    /// The next value that passes the loop's condition.
    private func next(in loop: Loop) throws(TemplateError) -> Value? {
        if let upcoming = loop.upcoming {
            loop.upcoming = nil
            return upcoming
        }
        while let value = loop.rest.next() {
            try spend()
            guard let test = loop.test else { return value }
            let passes = try inScope(within: loop.scope) { () throws(TemplateError) in
                try assign(value, to: loop.statement.target)
                return try evaluate(test).isTrue
            }
            if passes { return value }
        }
        return nil
    }

    private func peek(in loop: Loop) throws(TemplateError) -> Value? {
        if loop.upcoming == nil { loop.upcoming = try next(in: loop) }
        return loop.upcoming
    }

    private func count(of loop: Loop) throws(TemplateError) -> Int {
        if let count = loop.knownCount { return count }
        let upcoming = loop.upcoming
        loop.upcoming = nil
        var rest: [Value] = []
        while let value = try next(in: loop) { rest.append(value) }
        let count = loop.index + 1 + rest.count + (upcoming == nil ? 0 : 1)
        loop.upcoming = upcoming
        loop.rest = OnePass(try Items(rest))
        loop.test = nil
        loop.knownCount = count
        return count
    }

    func attribute(_ name: String, of loop: Loop) throws(TemplateError) -> Value? {
        switch name {
        case "index": .integer(loop.index + 1)
        case "index0": .integer(loop.index)
        case "first": .bool(loop.index == 0)
        case "last": .bool(try peek(in: loop) == nil)
        case "length": .integer(try count(of: loop))
        case "revindex": .integer(try count(of: loop) - loop.index)
        case "revindex0": .integer(try count(of: loop) - loop.index - 1)
        case "previtem": loop.previous ?? .undefined("there is no previous item")
        case "nextitem": try peek(in: loop) ?? .undefined("there is no next item")
        case "depth": .integer(loop.depth + 1)
        case "depth0": .integer(loop.depth)
        case "cycle", "changed": .method(Method(.loop(loop), name))
        default: nil
        }
    }

    /// `loop.cycle()` and `loop.changed()`.
    func call(_ name: String, of loop: Loop, _ arguments: Arguments) throws(TemplateError) -> Value {
        try arguments.refuseNamed(in: name)
        let values = arguments.positional
        guard name == "changed" else {
            guard !values.isEmpty else { throw .evaluation("no items for cycling given") }
            return values[loop.index % values.count]
        }
        if let last = loop.lastChanged, last.count == values.count {
            var isSame = true
            for (left, right) in zip(last, values) where try !equal(left, right) { isSame = false }
            if isSame { return .bool(false) }
        }
        loop.lastChanged = values
        return .bool(true)
    }

    /// `loop(values)`: runs the body of a recursive loop over other values.
    func recurse(_ loop: Loop, _ arguments: Arguments) throws(TemplateError) -> Value {
        guard loop.statement.isRecursive else {
            throw .evaluation("the loop must have the 'recursive' marker to be called recursively")
        }
        let values = try arguments.bind(["iterable"], required: 1, in: "loop")[0] ?? .none
        let (text, _) = try captured { () throws(TemplateError) in
            let outer = scope
            scope = loop.scope
            defer { scope = outer }
            return try execute(loop.statement, over: values, depth: loop.depth + 1)
        }
        return try made(text)
    }
}
