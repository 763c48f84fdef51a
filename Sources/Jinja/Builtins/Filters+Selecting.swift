/// The filters that run another filter or a test on each value.
extension Interpreter {
    func selectingFilter(
        _ value: Value, _ name: String, _ arguments: Arguments
    ) throws(TemplateError) -> Value? {
        switch name {
        case "map": .iterator(OnePass(try map(value, arguments)))
        case "select": .iterator(OnePass(try select(value, name, arguments, keeps: true)))
        case "reject": .iterator(OnePass(try select(value, name, arguments, keeps: false)))
        case "selectattr":
            .iterator(OnePass(try select(value, name, arguments, keeps: true, byAttribute: true)))
        case "rejectattr":
            .iterator(OnePass(try select(value, name, arguments, keeps: false, byAttribute: true)))
        default: nil
        }
    }

    private func map(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Items {
        var results: [Value] = []
        if arguments.positional.isEmpty, arguments.named.contains(where: { $0.name == "attribute" }) {
            let bound = try Arguments(named: arguments.named).bind(["attribute", "default"], in: "map")
            for value in try values(of: value) {
                try spend()
                var found = try path(bound[0] ?? .none, of: value)
                if case .undefined = found, let fallback = bound[1], fallback.isNotNone { found = fallback }
                results.append(found)
            }
            return try made(results)
        }
        guard case .text(let filter)? = arguments.positional.first else {
            throw .evaluation("map requires a filter argument")
        }
        let rest = Arguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
        for value in try values(of: value) {
            try spend()
            results.append(try self.filter(value, filter.string, rest))
        }
        return try made(results)
    }

    private func select(
        _ value: Value, _ name: String, _ arguments: Arguments, keeps: Bool, byAttribute: Bool = false
    ) throws(TemplateError) -> Items {
        guard value.isTrue else { return try Items([]) }
        var rest = arguments.positional[...]
        var attribute: Value?
        if byAttribute {
            attribute = rest.popFirst()
            guard attribute != nil else { throw .evaluation("missing parameter for attribute name") }
        }
        let test = rest.popFirst()
        let passed = Arguments(positional: Array(rest), named: arguments.named)
        var kept: [Value] = []
        for value in try values(of: value) {
            try spend()
            let part = if let attribute { try path(attribute, of: value) } else { value }
            let holds: Bool
            if let test {
                guard case .text(let testName) = test else {
                    throw .evaluation("\(name)() needs a test's name")
                }
                holds = try self.test(part, testName.string, passed)
            } else {
                holds = part.isTrue
            }
            if holds == keeps { kept.append(value) }
        }
        return try made(kept)
    }
}
