import Yams

/// A mapping of a YAML file, read key by key; errors name the file, the line and the key.
struct YAMLMapping {
    /// The file's path.
    let path: String
    /// Whose keys these are, such as `model 'gpt-4': `.
    let subject: String
    let line: Int
    private let values: [String: (line: Int, node: Node)]

    /// - Throws: `CatalogError` if the node is no mapping.
    init(_ node: Node, path: String, subject: String, what: String) throws(CatalogError) {
        self.path = path
        self.subject = subject
        line = node.mark?.line ?? 1
        guard let mapping = node.mapping else {
            throw CatalogError(
                .catalogue, "\(path):\(line): \(subject)\(what) has the wrong type, it must be a mapping")
        }
        values = Self.values(mapping)
    }

    /// The values by key; a key `<<` merges other mappings, whose values count where the mapping has none.
    private static func values(_ mapping: Node.Mapping) -> [String: (line: Int, node: Node)] {
        var values: [String: (line: Int, node: Node)] = [:]
        var merged: [Node.Mapping] = []
        for (key, value) in mapping {
            let name = key.string ?? ""
            if name == "<<", key.scalar?.style == .plain {
                merged += [value.mapping].compactMap(\.self) + (value.sequence?.compactMap(\.mapping) ?? [])
            } else {
                values[name] = (key.mark?.line ?? 1, value)
            }
        }
        for mapping in merged { values.merge(Self.values(mapping)) { own, _ in own } }
        return values
    }

    var keys: [String] { values.sorted { $0.value.line < $1.value.line }.map(\.key) }

    /// The value of a key; `nil` if there is none, or if it is null.
    func node(_ key: String) -> Node? {
        guard let node = values[key]?.node else { return nil }
        if let scalar = node.scalar, scalar.style == .plain, Self.nulls.contains(scalar.string) { return nil }
        return node
    }

    private static let nulls: Set<String> = ["", "~", "null", "Null", "NULL"]

    /// Refuses keys that are not in `known`.
    func refuseKeys(besides known: some Sequence<String>) throws(CatalogError) {
        let known = known.sorted()
        guard let key = keys.first(where: { !known.contains($0) }) else { return }
        throw error(key, "the key '\(key)' is unknown; known are \(known.joined(separator: ", "))")
    }

    /// Refuses a mapping that lacks keys.
    func require(_ required: [String]) throws(CatalogError) {
        let missing = required.filter { node($0) == nil }
        guard !missing.isEmpty else { return }
        let names = missing.map { "'\($0)'" }.joined(separator: ", ")
        throw error(nil, missing.count == 1 ? "the key \(names) is missing" : "the keys \(names) are missing")
    }

    /// An error about the value of a key, or about the mapping.
    func error(_ key: String?, _ problem: String, _ kind: CatalogError.Kind = .catalogue) -> CatalogError {
        let line = key.flatMap { values[$0]?.line } ?? line
        return CatalogError(kind, "\(path):\(line): \(subject)\(problem)")
    }
}

extension YAMLMapping {
    func string(_ key: String) throws(CatalogError) -> String? {
        try scalar(key, "a text") { $0.string }
    }

    func integer(_ key: String) throws(CatalogError) -> Int? {
        try scalar(key, "an integer", Int.construct)
    }

    func unsigned(_ key: String) throws(CatalogError) -> UInt64? {
        try scalar(key, "an integer from 0", UInt64.construct)
    }

    func number(_ key: String) throws(CatalogError) -> Double? {
        try scalar(key, "a number", Double.construct)
    }

    /// A word of a fixed set.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Choice.Type
    ) throws(CatalogError) -> Choice? {
        guard let text = try string(key) else { return nil }
        return try choice(text, key)
    }

    /// Words of a fixed set, in a list.
    func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Choice.Type
    ) throws(CatalogError) -> [Choice]? {
        guard let node = node(key) else { return nil }
        guard let items = node.sequence else { throw wrongType(key, "a list") }
        var choices: [Choice] = []
        for item in items {
            guard let text = item.scalar?.string else { throw wrongType(key, "a list of texts") }
            choices.append(try choice(text, key))
        }
        return choices
    }

    /// A mapping of numbers to texts.
    func texts(_ key: String) throws(CatalogError) -> [Int: String]? {
        guard let node = node(key) else { return nil }
        guard let mapping = node.mapping else { throw wrongType(key, "a mapping") }
        var texts: [Int: String] = [:]
        for (name, value) in mapping {
            guard let number = name.scalar.flatMap(Int.construct), let text = value.scalar?.string else {
                throw wrongType(key, "a mapping of integers to texts")
            }
            texts[number] = text
        }
        return texts
    }

    /// A mapping inside this one.
    func mapping(_ key: String) throws(CatalogError) -> YAMLMapping? {
        guard let node = node(key) else { return nil }
        return try YAMLMapping(node, path: path, subject: "\(subject)\(key): ", what: "the value")
    }

    private func scalar<Value>(
        _ key: String, _ what: String, _ read: (Node.Scalar) -> Value?
    ) throws(CatalogError) -> Value? {
        guard let node = node(key) else { return nil }
        guard let value = node.scalar.flatMap(read) else { throw wrongType(key, what) }
        return value
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ key: String
    ) throws(CatalogError) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(key, "\(key) cannot be '\(text)'; it can be \(known)")
        }
        return choice
    }

    private func wrongType(_ key: String, _ what: String) -> CatalogError {
        let text = node(key)?.scalar.map { ", not '\($0.string)'" } ?? ""
        return error(key, "\(key) has the wrong type, it must be \(what)\(text)")
    }
}
