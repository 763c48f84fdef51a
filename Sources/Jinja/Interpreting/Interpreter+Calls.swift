extension Interpreter {
    func macro(_ definition: MacroDefinition) -> Value {
        macros.append(Macro(definition: definition, scope: scope))
        return .macro(macros.count - 1)
    }

    func call(_ callee: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch callee {
        case .macro(let id): return try call(macros[id], arguments)
        case .function(let function): return try call(function, arguments)
        case .method(let method): return try call(method, arguments)
        case .loop(let loop): return try recurse(loop, arguments)
        case .undefined(let message): throw .evaluation(message)
        default: throw .evaluation("'\(callee.typeName)' object is not callable")
        }
    }

    /// `{% call macro(…) %}`: the macro can call the block as `caller`.
    func call(_ expression: Expression, with block: MacroDefinition) throws(TemplateError) -> Value {
        guard case .call(let callee, let arguments) = expression.kind else {
            throw .evaluation("'call' needs the call of a macro")
        }
        var passed = try evaluate(arguments)
        let function = try evaluate(callee)
        passed.named.append(("caller", macro(block)))
        return try call(function, passed)
    }

    private func call(_ macro: Macro, _ arguments: Arguments) throws(TemplateError) -> Value {
        let definition = macro.definition
        let count = definition.parameters.count
        guard arguments.positional.count <= count || definition.takesPositional else {
            throw .evaluation("macro '\(definition.name)' takes not more than \(count) argument(s)")
        }
        let (text, _) = try captured { () throws(TemplateError) in
            try inScope(within: macro.scope) { () throws(TemplateError) in
                try bind(arguments, to: definition)
                return try execute(definition.body)
            }
        }
        return try made(text)
    }

    /// Assigns the macro's names in the current scope.
    private func bind(_ arguments: Arguments, to definition: MacroDefinition) throws(TemplateError) {
        let passed = arguments.positional
        var named = arguments.named
        func take(_ name: String) -> Value? {
            named.firstIndex { $0.name == name }.map { named.remove(at: $0).value }
        }
        for (index, parameter) in definition.parameters.enumerated() {
            if index < passed.count {
                scope.variables[parameter.name] = passed[index]
                guard take(parameter.name) == nil else {
                    throw .evaluation(
                        "macro '\(definition.name)' got multiple values for '\(parameter.name)'")
                }
            } else if let value = take(parameter.name) {
                scope.variables[parameter.name] = value
            } else if let value = parameter.value {
                scope.variables[parameter.name] = try evaluate(value)
            } else {
                scope.variables[parameter.name] = .undefined("parameter '\(parameter.name)' was not provided")
            }
        }
        if definition.takesCaller, !definition.parameters.contains(where: { $0.name == "caller" }) {
            scope.variables["caller"] = take("caller") ?? .undefined("No caller defined")
        }
        if definition.takesNamed {
            scope.variables["kwargs"] = .mapping(
                try Mapping(named.map { (.text($0.name), $0.value) }))
        } else if let stranger = named.first {
            throw .evaluation("macro '\(definition.name)' takes no keyword argument '\(stranger.name)'")
        }
        if definition.takesPositional {
            let extra = Array(passed.dropFirst(definition.parameters.count))
            scope.variables["varargs"] = .tuple(try Items(extra))
        }
    }

    // MARK: Functions

    private func call(_ function: Function, _ arguments: Arguments) throws(TemplateError) -> Value {
        switch function {
        case .range: return try range(arguments)
        case .dict: return .mapping(try Mapping(try pairs(arguments, in: "dict")))
        case .namespace:
            namespaces.append([])
            let id = namespaces.count - 1
            for (key, value) in try pairs(arguments, in: "namespace") {
                try set(try string(of: key).string, of: id, to: value)
            }
            return .namespace(id)
        case .raiseException:
            let message = try arguments.bind(["message"], required: 1, in: function.rawValue)[0] ?? .none
            throw TemplateError(.raised, try string(of: message).string)
        case .strftimeNow:
            let format = try arguments.bind(["format"], required: 1, in: function.rawValue)[0] ?? .none
            guard case .text(let text) = format else {
                throw .evaluation("strftime_now() needs a format, not '\(format.typeName)'")
            }
            return try made(Text(formattedTime(text.string, secondsSince1970: time)))
        }
    }

    private func range(_ arguments: Arguments) throws(TemplateError) -> Value {
        try arguments.refuseNamed(in: "range")
        var numbers: [Int] = []
        for value in arguments.positional { numbers.append(try integer(value, in: "range")) }
        switch numbers.count {
        case 1: return .range(try Progression(start: 0, stop: numbers[0], step: 1))
        case 2: return .range(try Progression(start: numbers[0], stop: numbers[1], step: 1))
        case 3: return .range(try Progression(start: numbers[0], stop: numbers[1], step: numbers[2]))
        default: throw .evaluation("range() takes 1 to 3 arguments, but \(numbers.count) were given")
        }
    }

    /// The contents of `dict(pairs or mapping, **named)`.
    private func pairs(
        _ arguments: Arguments, in function: String
    ) throws(TemplateError) -> [(key: Value, value: Value)] {
        guard arguments.positional.count <= 1 else {
            throw .evaluation("\(function)() takes one argument at most")
        }
        var pairs: [(key: Value, value: Value)] = []
        switch arguments.positional.first {
        case nil: break
        case .mapping(let mapping):
            try spend(mapping.keys.count)
            pairs = mapping.pairs
        case .some(let value):
            for pair in try values(of: value) {
                let parts = try values(of: pair)
                guard parts.count == 2 else { throw .evaluation("\(function)() needs pairs") }
                pairs.append((parts[0], parts[1]))
            }
        }
        return pairs + arguments.named.map { (.text($0.name), $0.value) }
    }

    /// The argument as an integer, or an error.
    func integer(_ value: Value, in function: String) throws(TemplateError) -> Int {
        switch value {
        case .integer(let integer): return integer
        case .bool(let bool): return bool ? 1 : 0
        case .undefined(let message): throw .evaluation(message)
        default: throw .evaluation("\(function)() needs an integer, not '\(value.typeName)'")
        }
    }
}
