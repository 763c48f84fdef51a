import JSON

/// Resolves references and combinations, and lists for each place the shapes that a value may have.
struct SchemaReader {
    private struct Source: Hashable {
        var document: Int
        var schema: JSONValue
    }

    private struct Task {
        var place: Int
        var source: Source
        var path: String
    }

    private(set) var places: [[ValueShape]] = []
    private var paths: [String] = []
    private var documents: [JSONValue] = []
    private var known: [Source: Int] = [:]
    private var tasks: [Task] = []
    /// Values visited.
    ///
    /// Combined references can expand exponentially.
    private var work = 0

    /// What any JSON value looks like, if `place` allows any.
    static func anything(at place: Int) -> [ValueShape] {
        [
            .object(ObjectShape(additional: place)), .array(ArrayShape(rest: place)), .freeString,
            .freeNumber,
            .bool(true), .bool(false), .null,
        ]
    }

    func finish(root: Int, source: SchemaSource) -> JSONSchema {
        JSONSchema(places: places, paths: paths, root: root, source: source)
    }

    mutating func add(_ shapes: [ValueShape], at path: String) -> Int {
        places.append(shapes)
        paths.append(path)
        return places.count - 1
    }

    /// Reads the document `schema` and everything it refers to.
    ///
    /// Error paths start at `path`.
    mutating func place(for schema: JSONValue, at path: String = "#") throws(SchemaError) -> Int {
        var values = 0
        try Self.measure(schema, depth: 0, values: &values, at: path)
        guard values <= SchemaLimits.schemaValues else {
            throw SchemaError(
                path: path, reason: "more than \(SchemaLimits.schemaValues) values in the schema")
        }
        documents.append(schema)
        let root = try place(Source(document: documents.count - 1, schema: schema), at: path)
        // A queue instead of recursion: the author of a schema chooses its depth, and the stack is limited.
        while let task = tasks.popLast() {
            var shapes: [ValueShape] = []
            for keywords in try alternatives(of: task.source, at: task.path, within: []) {
                shapes += try self.shapes(of: keywords, for: task)
            }
            var seen: Set<ValueShape> = []
            places[task.place] = shapes.filter { seen.insert($0).inserted }
        }
        return root
    }

    private static func measure(
        _ value: JSONValue, depth: Int, values: inout Int, at path: String
    ) throws(SchemaError) {
        values += 1
        guard depth <= SchemaLimits.schemaDepth else {
            throw SchemaError(path: path, reason: "nested deeper than \(SchemaLimits.schemaDepth) levels")
        }
        switch value {
        case .array(let items):
            for item in items { try measure(item, depth: depth + 1, values: &values, at: path) }
        case .object(let members):
            for member in members {
                values += member.name.utf8.count / 64
                try measure(member.value, depth: depth + 1, values: &values, at: path)
            }
        // A long string counts as several values.
        case .string(let text): values += text.utf8.count / 64
        case .number(let number) where !number.isFinite:
            throw SchemaError(path: path, reason: "a number that is not finite")
        default: break
        }
    }

    /// The place of a schema, to be read later.
    ///
    /// Equal schemas of a document share a place.
    private mutating func place(_ source: Source, at path: String) throws(SchemaError) -> Int {
        var values = 0
        try Self.measure(source.schema, depth: 0, values: &values, at: path)
        try charge(values, at: path)
        if let place = known[source] { return place }
        let place = add([], at: path)
        known[source] = place
        tasks.append(Task(place: place, source: source, path: path))
        return place
    }

    private mutating func place(
        _ schema: JSONValue, _ name: String, for task: Task
    ) throws(SchemaError) -> Int {
        try place(Source(document: task.source.document, schema: schema), at: task.path.pointing(to: name))
    }

    private mutating func charge(_ values: Int, at path: String) throws(SchemaError) {
        work += values
        guard work <= SchemaLimits.work else {
            throw SchemaError(path: path, reason: "references and combinations expand to too much")
        }
    }
}

// MARK: References and combinations

extension SchemaReader {
    /// The alternatives that satisfy `source`, each without `$ref`, `anyOf`, `oneOf` and `allOf`.
    private mutating func alternatives(
        of source: Source, at path: String, within references: [String]
    ) throws(SchemaError) -> [Keywords] {
        guard case .object(let members) = source.schema else {
            guard case .bool(let isAllowed) = source.schema else {
                throw SchemaError(path: path, reason: "must be a schema: an object, true or false")
            }
            return isAllowed ? [Keywords()] : []
        }
        guard references.count <= SchemaLimits.schemaDepth else {
            throw SchemaError(path: path, reason: "combinations nested too deeply")
        }
        // Paths and lists of references are copied at every level: deep combinations cost more.
        try charge(1 + members.count + references.count, at: path)
        var rest = try Keywords(checking: members, at: path)
        let (reference, all) = (rest.text("$ref"), rest.list("allOf") ?? [])
        let choices = ["anyOf", "oneOf"].map { (name: $0, list: rest.list($0)) }
        for name in ["$ref", "anyOf", "oneOf", "allOf"] { rest[name] = nil }

        var ways = [rest]
        if let reference {
            let path = path.pointing(to: "$ref")
            guard !references.contains(reference) else {
                throw SchemaError(path: path, reason: "\(reference) refers to itself and nothing else")
            }
            let target = Source(
                document: source.document, schema: try resolve(reference, in: source.document, at: path))
            ways = try combine(
                ways, alternatives(of: target, at: reference, within: references + [reference]), at: path)
        }
        for (index, schema) in all.enumerated() {
            let path = path.pointing(to: "allOf").pointing(to: "\(index)")
            let part = Source(document: source.document, schema: schema)
            ways = try combine(
                ways, alternatives(of: part, at: path, within: references + [""]), at: path)
        }
        for choice in choices {
            guard let list = choice.list else { continue }
            var options: [Keywords] = []
            for (index, schema) in list.enumerated() {
                let path = path.pointing(to: choice.name).pointing(to: "\(index)")
                let option = Source(document: source.document, schema: schema)
                options += try alternatives(of: option, at: path, within: references + [""])
                try Self.checkCount(options.count, at: path)
            }
            ways = try combine(ways, options, at: path)
        }
        return ways
    }

    private mutating func combine(
        _ left: [Keywords], _ right: [Keywords], at path: String
    ) throws(SchemaError) -> [Keywords] {
        try Self.checkCount(left.count * right.count, at: path)
        var ways: [Keywords] = []
        for left in left {
            for right in right {
                try charge(left.size + right.size, at: path)
                if let both = try Keywords.both(left, right, at: path) { ways.append(both) }
            }
        }
        return ways
    }

    private static func checkCount(_ count: Int, at path: String) throws(SchemaError) {
        guard count <= SchemaLimits.alternatives else {
            throw SchemaError(path: path, reason: "more than \(SchemaLimits.alternatives) alternatives")
        }
    }

    /// The schema that `#/a/b` points to.
    private func resolve(
        _ reference: String, in document: Int, at path: String
    ) throws(SchemaError) -> JSONValue {
        guard reference.utf8.first == UInt8(ascii: "#") else {
            throw SchemaError(
                path: path, reason: "\(reference) does not start with #: it is another document")
        }
        let pointer = reference.utf8.dropFirst()
        guard pointer.isEmpty || pointer.first == UInt8(ascii: "/") else {
            throw SchemaError(path: path, reason: "\(reference) is not a JSON pointer")
        }
        var value = documents[document]
        for step in reference.dropFirst().split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        {
            let name = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
            let next: JSONValue?
            switch value {
            case .object(let members): next = members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
            case .array(let items): next = Int(name).flatMap { items.indices.contains($0) ? items[$0] : nil }
            default: next = nil
            }
            guard let next else { throw SchemaError(path: path, reason: "\(reference) points to nothing") }
            value = next
        }
        return value
    }
}

// MARK: Shapes

extension SchemaReader {
    private mutating func shapes(of keywords: Keywords, for task: Task) throws(SchemaError) -> [ValueShape] {
        if let values = keywords.list("enum") {
            return try enumerated(values, keywords, for: task)
        }
        var types = keywords.names("type") ?? ["object", "array", "string", "number"].filter(keywords.speaks)
        if types.isEmpty { types = KeywordKind.typeNames }
        if types.contains("number") { types.removeAll { $0 == "integer" } }
        var shapes: [ValueShape] = []
        for type in types {
            switch type {
            case "null": shapes.append(.null)
            case "boolean": shapes += [.bool(true), .bool(false)]
            case "string": shapes.append(.string(try StringShape(keywords, at: task.path)))
            case "object": shapes.append(try object(keywords, for: task))
            case "array": if let array = try array(keywords, for: task) { shapes.append(array) }
            default:
                shapes.append(
                    .number(try NumberShape(keywords, isInteger: type == "integer", at: task.path)))
            }
        }
        return shapes
    }

    private mutating func enumerated(
        _ values: [JSONValue], _ keywords: Keywords, for task: Task
    ) throws(SchemaError) -> [ValueShape] {
        for member in keywords.members where member.name != "enum" && member.name != "type" {
            throw SchemaError(
                path: task.path.pointing(to: member.name), reason: "is not supported beside enum or const")
        }
        let types = keywords.names("type") ?? KeywordKind.typeNames
        var (strings, numbers, shapes): ([[UInt8]], [String], [ValueShape]) = ([], [], [])
        for value in values where types.contains(where: value.isOf) {
            switch value {
            case .null: shapes.append(.null)
            case .bool(let value): shapes.append(.bool(value))
            case .integer(let number): numbers.append("\(number)")
            case .number(let number): numbers.append("\(number)")
            case .string(let text): strings.append(Array(text.utf8))
            case .array(let items):
                var places: [Int] = []
                for item in items { places.append(try constant(item, for: task)) }
                shapes.append(.array(ArrayShape(prefix: places, minimum: items.count, maximum: items.count)))
            case .object(let members):
                var properties: [ObjectShape.Property] = []
                for member in members {
                    let place = try constant(member.value, for: task)
                    properties.append(.init(name: Array(member.name.utf8), place: place, isRequired: true))
                }
                guard Set(properties.map(\.name)).count == properties.count else {
                    throw SchemaError(path: task.path, reason: "a value with the same key twice")
                }
                shapes.append(.object(ObjectShape(properties: properties)))
            }
        }
        if !strings.isEmpty { shapes.append(.strings(strings)) }
        if !numbers.isEmpty { shapes.append(.numbers(numbers)) }
        return shapes
    }

    private mutating func constant(_ value: JSONValue, for task: Task) throws(SchemaError) -> Int {
        try place(.object([.init("const", value)]), "enum", for: task)
    }

    private mutating func object(_ keywords: Keywords, for task: Task) throws(SchemaError) -> ValueShape {
        let listed = keywords.map("properties") ?? []
        let required = keywords.names("required") ?? []
        let requiredNames = Set(required.map { Array($0.utf8) })
        var shape = ObjectShape()
        switch keywords["additionalProperties"] {
        case .bool(false)?: break
        case let schema?: shape.additional = try place(schema, "additionalProperties", for: task)
        case nil:
            if listed.isEmpty { shape.additional = try place(.bool(true), "additionalProperties", for: task) }
        }
        var names: Set<[UInt8]> = []
        for member in listed {
            let name = Array(member.name.utf8)
            let path = task.path.pointing(to: "properties").pointing(to: member.name)
            guard names.insert(name).inserted else {
                throw SchemaError(path: path, reason: "the property comes twice")
            }
            let source = Source(document: task.source.document, schema: member.value)
            shape.properties.append(
                .init(
                    name: name, place: try place(source, at: path), isRequired: requiredNames.contains(name)))
        }
        for text in required where names.insert(Array(text.utf8)).inserted {
            // A required property that is not described follows `additionalProperties`.
            let schema = keywords["additionalProperties"] ?? .bool(true)
            shape.properties.append(
                .init(
                    name: Array(text.utf8), place: try place(schema, "required", for: task), isRequired: true)
            )
        }
        return .object(shape)
    }

    private mutating func array(_ keywords: Keywords, for task: Task) throws(SchemaError) -> ValueShape? {
        var shape = ArrayShape()
        for (index, schema) in (keywords.list("prefixItems") ?? []).enumerated() {
            let source = Source(document: task.source.document, schema: schema)
            let path = task.path.pointing(to: "prefixItems").pointing(to: "\(index)")
            shape.prefix.append(try place(source, at: path))
        }
        shape.rest = try place(keywords["items"] ?? .bool(true), "items", for: task)
        shape.minimum = keywords.count("minItems") ?? 0
        shape.maximum = keywords.count("maxItems")
        if shape.minimum > SchemaLimits.states {
            throw SchemaError(
                path: task.path.pointing(to: "minItems"), reason: "above \(SchemaLimits.states)")
        }
        return .array(shape)
    }
}
