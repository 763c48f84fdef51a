/// Runs a template's statements once.
///
/// It always terminates, whatever the template and the values: `RenderingLimits` bound it.
final class Interpreter {
    /// The scopes in which names are looked up, innermost first.
    final class Scope {
        var variables: [String: Value] = [:]
        let parent: Scope?

        init(parent: Scope?) {
            self.parent = parent
        }
    }

    /// A macro and the scope that defined it.
    struct Macro {
        let definition: MacroDefinition
        let scope: Scope
    }

    /// How control flow continues after a statement.
    enum Flow {
        case next
        case breakLoop
        case continueLoop
    }

    private let limits: RenderingLimits
    /// Seconds since 1970; `nil` for now.
    let time: Int?
    var output: [Letter] = []
    var scope = Scope(parent: nil)
    var macros: [Macro] = []
    var namespaces: [[(name: String, value: Value)]] = []
    private var steps = 0
    private var depth = 0

    init(context: [String: Value], limits: RenderingLimits, time: Int?) {
        self.limits = limits
        self.time = time
        scope.variables = context
        scope = Scope(parent: scope)
    }

    // MARK: Limits

    func spend(_ count: Int = 1) throws(TemplateError) {
        steps += count
        guard steps <= limits.steps else {
            throw TemplateError(.limit, "the template takes more than \(limits.steps) steps")
        }
    }

    /// Returns a new text and counts the steps of creating it.
    func made(_ text: Text) throws(TemplateError) -> Value {
        try Text.check(count: text.count)
        try spend(text.count / Text.lettersPerStep)
        return .text(text)
    }

    func emit(_ text: Text) throws(TemplateError) {
        guard output.count + text.count <= limits.outputCount else {
            throw TemplateError(.limit, "the text has more than \(limits.outputCount) characters")
        }
        try spend(text.count / Text.lettersPerStep)
        output += text.letters
    }

    /// Enters a level of nesting; ends with `leave`.
    func enter() throws(TemplateError) {
        guard depth < limits.depth else {
            throw TemplateError(.limit, "the template goes more than \(limits.depth) levels deep")
        }
        depth += 1
    }

    func leave() {
        depth -= 1
    }

    /// The output of `body`.
    func captured(_ body: () throws(TemplateError) -> Flow) throws(TemplateError) -> (Text, Flow) {
        let outer = output
        output = []
        defer { output = outer }
        let flow = try body()
        return (Text(output), flow)
    }

    /// Runs `body` in a new scope within `parent`.
    func inScope<Result>(
        within parent: Scope, _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        let outer = scope
        scope = Scope(parent: parent)
        defer { scope = outer }
        return try body()
    }

    // MARK: Names

    func lookUp(_ name: String) -> Value {
        var place: Scope? = scope
        while let found = place {
            if let value = found.variables[name] { return value }
            place = found.parent
        }
        if let function = Function(rawValue: name) { return .function(function) }
        return .undefined("'\(name)' is undefined")
    }

    func assign(_ value: Value, to target: Target) throws(TemplateError) {
        switch target {
        case .name(let name): scope.variables[name] = value
        case .attribute(let namespace, let name):
            guard case .namespace(let id) = lookUp(namespace) else {
                throw .evaluation("cannot assign attribute on non-namespace object")
            }
            try set(name, of: id, to: value)
        case .tuple(let targets):
            let values = try values(of: value)
            guard values.count == targets.count else {
                throw .evaluation(
                    values.count < targets.count
                        ? "not enough values to unpack (expected \(targets.count), got \(values.count))"
                        : "too many values to unpack (expected \(targets.count))")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target) }
        }
    }

    func set(_ name: String, of namespace: Int, to value: Value) throws(TemplateError) {
        guard !name.hasPrefix("_") else {
            throw .evaluation("a namespace cannot hold '\(name)': the name begins with an underscore")
        }
        try spend(namespaces[namespace].count / Text.lettersPerStep)
        if let index = namespaces[namespace].firstIndex(where: { $0.name == name }) {
            namespaces[namespace][index].value = value
        } else {
            namespaces[namespace].append((name, value))
        }
    }

    // MARK: Statements

    func execute(_ statements: [Statement]) throws(TemplateError) -> Flow {
        try enter()
        defer { leave() }
        for statement in statements {
            try spend()
            let flow: Flow
            do throws(TemplateError) {
                flow = try execute(statement.kind)
            } catch {
                throw error.located(at: statement.line)
            }
            guard case .next = flow else { return flow }
        }
        return .next
    }

    private func execute(_ statement: Statement.Kind) throws(TemplateError) -> Flow {
        switch statement {
        case .text(let text): try emit(text)
        case .output(let expressions):
            for expression in expressions { try emit(string(of: try evaluate(expression))) }
        case .set(let target, let expression): try assign(try evaluate(expression), to: target)
        case .setBlock(let target, let filter, let body):
            return try setBlock(target, filter: filter, body)
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.test).isTrue {
                return try execute(branch.body)
            }
            return try execute(otherwise)
        case .loop(let loop): return try execute(loop, over: try evaluate(loop.items), depth: 0)
        case .macro(let definition):
            scope.variables[definition.name] = macro(definition)
        case .callBlock(let definition, let call): try emit(string(of: try self.call(call, with: definition)))
        case .filterBlock(let filter, let body):
            let (text, flow) = try captured { () throws(TemplateError) in
                try inScope(within: scope) { () throws(TemplateError) in try execute(body) }
            }
            guard case .next = flow else { return flow }
            try emit(string(of: try self.filter(.text(text), by: filter)))
        case .with(let bindings, let body): return try with(bindings, body)
        case .scope(let body):
            return try inScope(within: scope) { () throws(TemplateError) in try execute(body) }
        case .breakLoop: return .breakLoop
        case .continueLoop: return .continueLoop
        }
        return .next
    }

    private func setBlock(
        _ target: Target, filter: Expression?, _ body: [Statement]
    ) throws(TemplateError) -> Flow {
        let (text, flow) = try captured { () throws(TemplateError) in
            try inScope(within: scope) { () throws(TemplateError) in try execute(body) }
        }
        guard case .next = flow else { return flow }
        var value = try made(text)
        if let filter { value = try self.filter(value, by: filter) }
        try assign(value, to: target)
        return .next
    }

    /// The values are evaluated in the outer scope, not with the block's own earlier names.
    private func with(_ bindings: [(Target, Expression)], _ body: [Statement]) throws(TemplateError) -> Flow {
        var values: [Value] = []
        for (_, expression) in bindings { values.append(try evaluate(expression)) }
        return try inScope(within: scope) { () throws(TemplateError) in
            for (value, binding) in zip(values, bindings) { try assign(value, to: binding.0) }
            return try execute(body)
        }
    }
}
