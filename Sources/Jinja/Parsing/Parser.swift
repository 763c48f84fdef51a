/// Turns a template's tokens into statements.
struct Parser {
    /// Maximum nesting of tags and expressions.
    ///
    /// Each level takes stack space, here and when it runs.
    static let maximumDepth = 60

    private let tokens: [Token]
    private var index = 0
    private var depth = 0
    /// Loops around the current place, within the current macro.
    private var loops = 0
    /// For each macro around the current place: the special names used in it, which allow further arguments.
    private var macroNames: [Set<String>] = []

    static func parse(_ template: String) throws(TemplateError) -> [Statement] {
        var parser = Parser(tokens: try Lexer.tokens(of: template))
        let (statements, end) = try parser.statements(until: [])
        assert(end.isEmpty)
        return statements
    }

    private init(tokens: [Token]) {
        self.tokens = tokens
    }

    // MARK: Tokens

    /// The last token is `.end`; `advance` does not pass it.
    var current: Token { tokens[index] }
    var following: Token { tokens[min(index + 1, tokens.count - 1)] }
    var line: Int { current.line }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    func comes(_ symbol: String) -> Bool { current.kind == .symbol(symbol) }
    func comes(name: String) -> Bool { current.kind == .name(name) }

    mutating func skip(_ symbol: String) -> Bool {
        guard comes(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(name: String) -> Bool {
        guard comes(name: name) else { return false }
        advance()
        return true
    }

    func fail(_ message: String) -> TemplateError {
        TemplateError(.syntax, line: line, message)
    }

    func unexpected(_ wanted: String) -> TemplateError {
        fail("expected \(wanted), but found \(current.description)")
    }

    mutating func expect(_ symbol: String) throws(TemplateError) {
        guard skip(symbol) else { throw unexpected("'\(symbol)'") }
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    private mutating func expectKeyword(_ name: String) throws(TemplateError) {
        guard skip(name: name) else { throw unexpected("'\(name)'") }
    }

    private mutating func expectBlockEnd() throws(TemplateError) {
        guard current.kind == .blockEnd else { throw unexpected("'%}'") }
        advance()
    }

    /// Runs `body` one nesting level deeper.
    mutating func nested<Result>(
        _ body: (inout Parser) throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else {
            throw TemplateError(.limit, line: line, "nested more than \(Self.maximumDepth) deep")
        }
        return try body(&self)
    }

    mutating func note(name: String) {
        for index in macroNames.indices { macroNames[index].insert(name) }
    }

    // MARK: Statements

    /// The statements up to a tag with one of the names, and that name.
    ///
    /// The tag's name is consumed.
    private mutating func statements(
        until ends: [String]
    ) throws(TemplateError) -> ([Statement], end: String) {
        try nested { parser throws(TemplateError) in
            var statements: [Statement] = []
            while true {
                let line = parser.line
                switch parser.current.kind {
                case .data(let text):
                    parser.advance()
                    statements.append(Statement(kind: .text(Text(text)), line: line))
                case .variableBegin:
                    parser.advance()
                    let value = try parser.tuple()
                    guard parser.current.kind == .variableEnd else { throw parser.unexpected("'}}'") }
                    parser.advance()
                    statements.append(Statement(kind: .output([value]), line: line))
                case .blockBegin:
                    parser.advance()
                    if case .name(let name) = parser.current.kind, ends.contains(name) {
                        parser.advance()
                        return (statements, name)
                    }
                    statements.append(Statement(kind: try parser.statement(endingWith: ends), line: line))
                    try parser.expectBlockEnd()
                default:
                    guard ends.isEmpty else {
                        let names = ends.map { "'\($0)'" }.joined(separator: " or ")
                        throw parser.fail("the template ends where \(names) is missing")
                    }
                    return (statements, "")
                }
            }
        }
    }

    /// The statements up to the tag `end`, which is consumed.
    private mutating func body(until end: String) throws(TemplateError) -> [Statement] {
        try body(untilAny: [end]).0
    }

    private mutating func body(untilAny ends: [String]) throws(TemplateError) -> ([Statement], end: String) {
        _ = skip(":")
        try expectBlockEnd()
        return try statements(until: ends)
    }

    private mutating func statement(endingWith ends: [String]) throws(TemplateError) -> Statement.Kind {
        let name = try expectName()
        switch name {
        case "if": return try conditional()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return try macro()
        case "call": return try callBlock()
        case "filter":
            let filter = try self.filter(of: nil)
            return .filterBlock(filter, try body(until: "endfilter"))
        case "with": return try with()
        case "print": return .output(try printed())
        case "generation": return .scope(try body(until: "endgeneration"))
        case "block":
            _ = try expectName()
            let statements = try body(until: "endblock")
            if case .name = current.kind { advance() }
            return .scope(statements)
        case "break", "continue":
            guard loops > 0 else { throw fail("'\(name)' outside of a loop") }
            return name == "break" ? .breakLoop : .continueLoop
        case "include", "import", "from", "extends":
            throw fail("'\(name)' is not supported: a chat template is one file")
        default:
            let awaited = ends.map { "'\($0)'" }.joined(separator: " or ")
            throw fail("unknown tag '\(name)'" + (ends.isEmpty ? "" : "; awaited is \(awaited)"))
        }
    }

    private mutating func conditional() throws(TemplateError) -> Statement.Kind {
        var branches: [(test: Expression, body: [Statement])] = []
        while true {
            let test = try tuple(allowsConditional: false)
            let (statements, end) = try body(untilAny: ["elif", "else", "endif"])
            branches.append((test, statements))
            switch end {
            case "elif": continue
            case "else": return .conditional(branches, otherwise: try body(until: "endif"))
            default: return .conditional(branches, otherwise: [])
            }
        }
    }

    private mutating func loop() throws(TemplateError) -> Statement.Kind {
        let target = try self.target(endingAtIn: true)
        try expectKeyword("in")
        let items = try tuple(allowsConditional: false, end: "recursive")
        let test = skip(name: "if") ? try expression() : nil
        let isRecursive = skip(name: "recursive")
        loops += 1
        let (statements, end) = try body(untilAny: ["endfor", "else"])
        loops -= 1
        let otherwise = end == "else" ? try body(until: "endfor") : []
        return .loop(
            ForLoop(
                target: target, items: items, test: test, isRecursive: isRecursive, body: statements,
                otherwise: otherwise))
    }

    private mutating func assignment() throws(TemplateError) -> Statement.Kind {
        let target = try self.target(allowsNamespace: true)
        if skip("=") { return .set(target, try tuple()) }
        var filter: Expression?
        if skip("|") { filter = try self.filter(of: nil) }
        return .setBlock(target, filter: filter, try body(until: "endset"))
    }

    private mutating func with() throws(TemplateError) -> Statement.Kind {
        var bindings: [(Target, Expression)] = []
        while current.kind != .blockEnd, !comes(":") {
            if !bindings.isEmpty { try expect(",") }
            let target = try self.target()
            try expect("=")
            bindings.append((target, try expression()))
        }
        return .with(bindings, try body(until: "endwith"))
    }

    private mutating func printed() throws(TemplateError) -> [Expression] {
        var values: [Expression] = []
        while current.kind != .blockEnd {
            if !values.isEmpty { try expect(",") }
            values.append(try expression())
        }
        return values
    }

    // MARK: Macros

    private mutating func macro() throws(TemplateError) -> Statement.Kind {
        let name = try expectName()
        return .macro(try definition(name, parameters: try parameters(), until: "endmacro"))
    }

    private mutating func callBlock() throws(TemplateError) -> Statement.Kind {
        let parameters = comes("(") ? try parameters() : []
        let call = try expression()
        guard case .call = call.kind else { throw fail("'call' needs the call of a macro") }
        return .callBlock(try definition("caller", parameters: parameters, until: "endcall"), call: call)
    }

    private mutating func parameters() throws(TemplateError) -> [(name: String, value: Expression?)] {
        var parameters: [(name: String, value: Expression?)] = []
        try expect("(")
        while !comes(")") {
            if !parameters.isEmpty { try expect(",") }
            let name = try expectName()
            let value = skip("=") ? try expression() : nil
            guard value != nil || parameters.last?.value == nil else {
                throw fail("a parameter without a default follows one that has a default")
            }
            parameters.append((name, value))
        }
        advance()
        return parameters
    }

    private mutating func definition(
        _ name: String, parameters: [(name: String, value: Expression?)], until end: String
    ) throws(TemplateError) -> MacroDefinition {
        let outerLoops = loops
        loops = 0
        macroNames.append([])
        let statements = try body(until: end)
        let names = macroNames.removeLast()
        loops = outerLoops
        return MacroDefinition(
            name: name, parameters: parameters, body: statements, takesPositional: names.contains("varargs"),
            takesNamed: names.contains("kwargs"), takesCaller: names.contains("caller"))
    }

    // MARK: Targets

    private mutating func target(
        allowsNamespace: Bool = false, endingAtIn: Bool = false
    ) throws(TemplateError) -> Target {
        var targets: [Target] = []
        var isTuple = false
        while true {
            if comes(")") || current.kind == .blockEnd || (endingAtIn && comes(name: "in")) { break }
            targets.append(try singleTarget(allowsNamespace: allowsNamespace))
            guard skip(",") else { break }
            isTuple = true
        }
        guard let first = targets.first else { throw unexpected("a name") }
        return isTuple ? .tuple(targets) : first
    }

    private mutating func singleTarget(allowsNamespace: Bool) throws(TemplateError) -> Target {
        if skip("(") {
            let target = try nested { parser throws(TemplateError) in
                try parser.target(allowsNamespace: allowsNamespace)
            }
            try expect(")")
            return target
        }
        let name = try expectName()
        if allowsNamespace, skip(".") { return .attribute(ofNamespace: name, try expectName()) }
        guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
            throw fail("'\(name)' cannot be assigned to")
        }
        return .name(name)
    }
}
