extension Interpreter {
    func sequenceFilter(
        _ value: Value, _ name: String, _ arguments: Arguments
    ) throws(TemplateError) -> Value? {
        switch name {
        case "length", "count":
            _ = try arguments.bind([], in: name)
            guard let count = count(of: value) else {
                throw .evaluation("object of type '\(value.typeName)' has no len()")
            }
            return .integer(count)
        case "first":
            _ = try arguments.bind([], in: name)
            if case .iterator(let iterator) = value { return iterator.next() ?? nothing("first") }
            if case .text(let text) = value {
                return text.isEmpty ? nothing("first") : .text(Text([text.letters[0]]))
            }
            return try values(of: value).first ?? nothing("first")
        case "last":
            _ = try arguments.bind([], in: name)
            if case .text(let text) = value { return .text(Text(text.letters.suffix(1))) }
            return try reversible(value).last ?? nothing("last")
        case "list":
            _ = try arguments.bind([], in: name)
            return .list(try made(try values(of: value)))
        case "join": return try join(value, arguments)
        case "reverse":
            _ = try arguments.bind([], in: name)
            if case .text(let text) = value { return try made(text.reversed) }
            return .iterator(OnePass(try made(try values(of: value).reversed())))
        case "unique": return try unique(value, arguments)
        case "sort": return try sort(value, arguments)
        case "dictsort": return try dictsort(value, arguments)
        case "items": return try items(value, arguments)
        case "sum": return try sum(value, arguments)
        case "min": return try extreme(value, name, arguments) { left, right in (left, right) }
        case "max": return try extreme(value, name, arguments) { left, right in (right, left) }
        case "batch": return try batch(value, arguments)
        case "default", "d":
            let bound = try arguments.bind(["default_value", "boolean"], in: name)
            let isMissing = if case .undefined = value { true } else { false }
            let replaces = isMissing || (bound[1]?.isTrue ?? false && !value.isTrue)
            return replaces ? bound[0] ?? .text("") : value
        case "attr":
            let key = try arguments.bind(["name"], required: 1, in: name)[0] ?? .none
            if case .mapping = value { return nothing("attribute") }
            return try attribute(try string(of: key).string, of: value)
        default: return nil
        }
    }

    private func nothing(_ what: String) -> Value {
        .undefined("there is no \(what) item, the sequence was empty")
    }

    private func reversible(_ value: Value) throws(TemplateError) -> [Value] {
        if case .iterator = value { throw .evaluation("'generator' object is not reversible") }
        return try values(of: value)
    }

    private func join(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["d", "attribute"], in: "join")
        let attribute = bound[1].flatMap { $0.isNotNone ? $0 : nil }
        var texts: [Text] = []
        for value in try values(of: value) {
            try spend()
            let part = if let attribute { try self.path(attribute, of: value) } else { value }
            texts.append(try string(of: part))
        }
        return try made(try Text.join(texts, separator: try string(of: bound[0] ?? .text(""))))
    }

    /// The value at a dotted path; numeric parts are indices.
    func path(_ path: Value, of value: Value) throws(TemplateError) -> Value {
        guard case .text(let text) = path else { return try item(path, of: value) }
        var value = value
        for part in text.split(by: Text("."), limit: -1) {
            let key =
                part.isNonEmpty(allSatisfying: \.isPythonDigit) ? Int(part.string).map(Value.integer) : nil
            value = try item(key ?? .text(part), of: value)
        }
        return value
    }

    /// The key for default sorting and comparing: lower case.
    private func folded(_ value: Value, _ isCaseSensitive: Bool) -> Value {
        if case .text(let text) = value, !isCaseSensitive { return .text(text.lowercased) }
        return value
    }

    private func unique(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["case_sensitive", "attribute"], in: "unique")
        let isCaseSensitive = bound[0]?.isTrue ?? false
        var seen: Set<Key> = []
        var kept: [Value] = []
        for value in try values(of: value) {
            let part = if let attribute = bound[1] { try path(attribute, of: value) } else { value }
            try spend(part.extent.weight)
            guard let key = Key(folded(part, isCaseSensitive)) else {
                throw .evaluation("unhashable type: '\(part.typeName)'")
            }
            if seen.insert(key).inserted { kept.append(value) }
        }
        return .iterator(OnePass(try made(kept)))
    }

    /// Groups elements by key, keeping the order of equal keys.
    func sorted<Element>(
        _ elements: [Element], isReversed: Bool, by key: (Element) throws(TemplateError) -> Value
    ) throws(TemplateError) -> [Element] {
        var keyed: [(key: Value, index: Int)] = []
        for (index, element) in elements.enumerated() {
            let key = try key(element)
            try spend(key.extent.weight)
            keyed.append((key, index))
        }
        do {
            try keyed.sort { left, right in
                let (first, second) = isReversed ? (right.key, left.key) : (left.key, right.key)
                if try precedes(first, second) { return true }
                return try left.index < right.index && !precedes(second, first)
            }
        } catch {
            throw error as? TemplateError ?? .evaluation("\(error)")
        }
        return keyed.map { elements[$0.index] }
    }

    private func sort(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["reverse", "case_sensitive", "attribute"], in: "sort")
        let isCaseSensitive = bound[1]?.isTrue ?? false
        var paths: [Value] = []
        if case .text(let text) = bound[2] {
            paths = text.split(by: Text(","), limit: -1).map(Value.text)
        } else if let path = bound[2], path.isTrue {
            paths = [path]
        }
        let sorted = try sorted(try values(of: value), isReversed: bound[0]?.isTrue ?? false) {
            value throws(TemplateError) in
            guard !paths.isEmpty else { return folded(value, isCaseSensitive) }
            var keys: [Value] = []
            for path in paths { keys.append(folded(try self.path(path, of: value), isCaseSensitive)) }
            return .list(try Items(keys))
        }
        return .list(try made(sorted))
    }

    private func dictsort(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["case_sensitive", "by", "reverse"], in: "dictsort")
        guard case .mapping(let mapping) = value else {
            throw .evaluation("dictsort() needs a mapping, not '\(value.typeName)'")
        }
        let isCaseSensitive = bound[0]?.isTrue ?? false
        let by = try string(of: bound[1] ?? .text("key")).string
        guard by == "key" || by == "value" else {
            throw .evaluation("dictsort() sorts by either 'key' or 'value'")
        }
        let pairs = try sorted(mapping.pairs, isReversed: bound[2]?.isTrue ?? false) {
            pair throws(TemplateError) in
            folded(by == "key" ? pair.key : pair.value, isCaseSensitive)
        }
        return .list(try made(try tuples(pairs)))
    }

    func tuples(_ pairs: [(key: Value, value: Value)]) throws(TemplateError) -> [Value] {
        var tuples: [Value] = []
        for (key, value) in pairs { tuples.append(.tuple(try Items([key, value]))) }
        return tuples
    }

    private func items(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        _ = try arguments.bind([], in: "items")
        switch value {
        case .undefined: return .iterator(OnePass(try Items([])))
        case .mapping(let mapping): return .iterator(OnePass(try made(try tuples(mapping.pairs))))
        default: throw .evaluation("can only get item pairs from a mapping")
        }
    }

    private func sum(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["attribute", "start"], in: "sum")
        var total = bound[1] ?? .integer(0)
        for value in try values(of: value) {
            try spend()
            var part = value
            if let attribute = bound[0], attribute.isTrue { part = try path(attribute, of: value) }
            total = try combine(total, .add, part)
        }
        return total
    }

    private func extreme(
        _ value: Value, _ name: String, _ arguments: Arguments, ordered: (Value, Value) -> (Value, Value)
    ) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["case_sensitive", "attribute"], in: name)
        let isCaseSensitive = bound[0]?.isTrue ?? false
        var best: (value: Value, key: Value)?
        for value in try values(of: value) {
            let part =
                if let attribute = bound[1], attribute.isTrue { try path(attribute, of: value) } else {
                    value
                }
            let key = folded(part, isCaseSensitive)
            guard let known = best else {
                best = (value, key)
                continue
            }
            let (left, right) = ordered(key, known.key)
            if try precedes(left, right) { best = (value, key) }
        }
        return best?.value ?? nothing(name)
    }

    private func batch(_ value: Value, _ arguments: Arguments) throws(TemplateError) -> Value {
        let bound = try arguments.bind(["linecount", "fill_with"], required: 1, in: "batch")
        let count = try integer(bound[0] ?? .none, in: "batch")
        var batches: [[Value]] = []
        for value in try values(of: value) {
            try spend()
            if batches.isEmpty || batches[batches.count - 1].count == count { batches.append([]) }
            batches[batches.count - 1].append(value)
        }
        let last = batches.last?.count ?? 0
        if let fill = bound[1], fill.isNotNone, !batches.isEmpty, last < count {
            guard count <= Items.maximumCount else { throw TemplateError(.limit, "a batch is too long") }
            batches[batches.count - 1] += Array(repeating: fill, count: count - last)
        }
        var lists: [Value] = []
        for batch in batches { lists.append(.list(try Items(batch))) }
        return .iterator(OnePass(try made(lists)))
    }
}

extension Value {
    var isNotNone: Bool {
        if case .none = self { false } else { true }
    }
}
