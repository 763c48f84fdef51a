/// Attributes, items, slices and iteration.
extension Interpreter {
    private static let mappingMethods: Set<String> = ["get", "items", "keys", "values", "copy"]
    private static let listMethods: Set<String> = ["index", "count", "copy"]
    /// Methods that change a value, which the sandbox forbids.
    private static let changingMethods: Set<String> = [
        "append", "clear", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault", "sort",
        "update",
    ]

    /// `value.name`: a Python attribute, or else an item.
    func attribute(_ name: String, of value: Value) throws(TemplateError) -> Value {
        if case .undefined(let message) = value { throw .evaluation(message) }
        if let found = try attributeOrNone(name, of: value) { return found }
        if case .mapping(let mapping) = value, let found = mapping[name] { return found }
        return missing(.text(name), in: value)
    }

    /// `value[key]`: an item, or else a Python attribute.
    func item(_ key: Value, of value: Value) throws(TemplateError) -> Value {
        switch value {
        case .undefined(let message): throw .evaluation(message)
        case .mapping(let mapping):
            if let found = mapping[key] { return found }
        case .list(let items), .tuple(let items):
            if let index = index(key, count: items.values.count) { return items.values[index] }
        case .text(let text):
            if let index = index(key, count: text.count) { return .text(Text([text.letters[index]])) }
        case .range(let range):
            if let index = index(key, count: range.count) {
                return .integer(range.start + index * range.step)
            }
        default: break
        }
        if case .text(let name) = key, let found = try attributeOrNone(name.string, of: value) {
            return found
        }
        return missing(key, in: value)
    }

    private func missing(_ key: Value, in value: Value) -> Value {
        let kind = if case .none = value { "None" } else { "\(value.typeName) object" }
        guard case .text(let name) = key else {
            let element = (try? representation(of: key).string) ?? key.typeName
            return .undefined("\(kind) has no element \(element)")
        }
        return .undefined("'\(kind)' has no attribute '\(name.string)'")
    }

    private func index(_ key: Value, count: Int) -> Int? {
        let index: Int
        switch key {
        case .integer(let integer): index = integer
        case .bool(let bool): index = bool ? 1 : 0
        default: return nil
        }
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    /// Python's attribute `value.name`; `nil` if there is none.
    private func attributeOrNone(_ name: String, of value: Value) throws(TemplateError) -> Value? {
        let isMethod: Bool
        switch value {
        case .text: isMethod = Self.textMethods.contains(name)
        case .mapping: isMethod = Self.mappingMethods.contains(name)
        case .list: isMethod = Self.listMethods.contains(name)
        case .tuple, .range: isMethod = name == "index" || name == "count"
        case .loop(let loop): return try attribute(name, of: loop)
        case .namespace(let id):
            try spend(namespaces[id].count / Text.lettersPerStep)
            return namespaces[id].first { $0.name == name }?.value
        default: isMethod = false
        }
        if isMethod { return .method(Method(value, name)) }
        switch value {
        case .mapping, .list:
            let isMappings = ["popitem", "setdefault", "update"].contains(name)
            let isCommon = name == "clear" || name == "pop"
            let isMapping = if case .mapping = value { true } else { false }
            guard Self.changingMethods.contains(name), isCommon || isMapping == isMappings else { return nil }
            return .undefined("access to attribute '\(name)' of '\(value.typeName)' object is unsafe.")
        default: return nil
        }
    }

    // MARK: Slices

    func slice(
        _ object: Expression, _ start: Expression?, _ stop: Expression?, _ step: Expression?
    ) throws(TemplateError) -> Value {
        let value = try evaluate(object)
        let start = try bound(start)
        let stop = try bound(stop)
        let step = try bound(step) ?? 1
        guard step != 0 else { throw .evaluation("slice step cannot be zero") }
        func places(_ count: Int) -> StrideTo<Int> { Self.places(start, stop, step, count: count) }
        switch value {
        case .undefined(let message): throw .evaluation(message)
        case .text(let text): return try made(Text(places(text.count).map { text.letters[$0] }))
        case .list(let items):
            return .list(try made(places(items.values.count).map { items.values[$0] }))
        case .tuple(let items):
            return .tuple(try made(places(items.values.count).map { items.values[$0] }))
        case .range(let range):
            let values = range.values
            return .list(try made(places(values.count).map { values[$0] }))
        default: throw .evaluation("'\(value.typeName)' object is not subscriptable")
        }
    }

    private func bound(_ expression: Expression?) throws(TemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .none = value { return nil }
        return try integer(value, in: "slice")
    }

    /// The indices that `[start:stop:step]` selects in a sequence of `count`.
    private static func places(_ start: Int?, _ stop: Int?, _ step: Int, count: Int) -> StrideTo<Int> {
        let (lowest, highest) = step > 0 ? (0, count) : (-1, count - 1)
        func place(_ index: Int) -> Int {
            min(max(index < 0 ? index + count : index, lowest), highest)
        }
        let from = start.map(place) ?? (step > 0 ? lowest : highest)
        let to = stop.map(place) ?? (step > 0 ? highest : lowest)
        // A step beyond the sequence selects one index, and must not overflow.
        let bounded = min(max(step, -count - 1), count + 1)
        return stride(from: from, to: to, by: bounded)
    }

    // MARK: Iteration

    /// The values that `for` iterates over.
    func values(of value: Value) throws(TemplateError) -> [Value] {
        switch value {
        case .undefined: return []
        case .text(let text):
            try spend(text.count)
            return text.letters.map { .text(Text([$0])) }
        case .list(let items), .tuple(let items): return items.values
        case .mapping(let mapping): return mapping.keys
        case .range(let range):
            try spend(range.count / Text.lettersPerStep)
            return range.values
        case .view(let view): return view.items.values
        case .iterator(let iterator): return iterator.takeAll()
        default: throw .evaluation("'\(value.typeName)' object is not iterable")
        }
    }

    /// `len(value)`; `nil` if it has no length.
    func count(of value: Value) -> Int? {
        switch value {
        case .undefined: 0
        case .text(let text): text.count
        case .list(let items), .tuple(let items): items.values.count
        case .mapping(let mapping): mapping.keys.count
        case .range(let range): range.count
        case .view(let view): view.items.values.count
        default: nil
        }
    }
}
