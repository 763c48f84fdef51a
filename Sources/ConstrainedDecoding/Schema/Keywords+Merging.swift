import JSON

extension Keywords {
    /// The keywords that hold where both hold; `nil` if nothing satisfies both.
    static func both(_ left: Keywords, _ right: Keywords, at path: String) throws(SchemaError) -> Keywords? {
        try left.checkClosing(right, at: path)
        try right.checkClosing(left, at: path)
        var merged = left
        for member in right.members {
            guard let mine = merged[member.name], mine != member.value else {
                merged[member.name] = member.value
                continue
            }
            guard let value = try combine(member.name, mine, member.value, at: path) else { return nil }
            merged[member.name] = value
        }
        return merged
    }

    /// `additionalProperties` refers to the properties beside it, and `items` to the items after those beside it.
    ///
    /// Merged with others they would change meaning.
    private func checkClosing(_ other: Keywords, at path: String) throws(SchemaError) {
        if let additional = self["additionalProperties"], additional != .bool(true) {
            let mine = Set((map("properties") ?? []).map { JSONValue.string($0.name) })
            for property in other.map("properties") ?? [] where !mine.contains(.string(property.name)) {
                throw SchemaError(
                    path: path,
                    reason:
                        "additionalProperties cannot be combined with a property \"\(property.name)\" from "
                        + "another part of the schema")
            }
        }
        if self["items"] != nil, other["prefixItems"] != nil, self["prefixItems"] != other["prefixItems"] {
            throw SchemaError(
                path: path,
                reason: "items cannot be combined with prefixItems from another part of the schema")
        }
    }

    private static func combine(
        _ name: String, _ left: JSONValue, _ right: JSONValue, at path: String
    ) throws(SchemaError) -> JSONValue? {
        switch (name, left, right) {
        case ("type", _, _): return commonTypes(left, right)
        case ("enum", .array(let left), .array(let right)):
            let common = Set(right)
            let shared = left.filter { common.contains($0) }
            return shared.isEmpty ? nil : .array(shared)
        case ("required", .array(let left), .array(let right)):
            let mine = Set(left)
            return .array(left + right.filter { !mine.contains($0) })
        case ("properties", .object(let left), .object(let right)): return properties(left, right)
        case ("additionalProperties", .bool(true), let other),
            ("additionalProperties", let other, .bool(true)),
            ("items", .bool(true), let other), ("items", let other, .bool(true)):
            return other
        case ("additionalProperties", _, _), ("items", _, _): return everyOf(left, right)
        case ("minimum", _, _), ("exclusiveMinimum", _, _), ("minLength", _, _), ("minItems", _, _):
            return left.isBelow(right) ? right : left
        case ("maximum", _, _), ("exclusiveMaximum", _, _), ("maxLength", _, _), ("maxItems", _, _):
            return left.isBelow(right) ? left : right
        default:
            throw SchemaError(path: path, reason: "two different values of \(name) cannot be combined")
        }
    }

    private static func commonTypes(_ left: JSONValue, _ right: JSONValue) -> JSONValue? {
        func types(_ value: JSONValue) -> Set<JSONValue> {
            let list = if case .array(let list) = value { list } else { [value] }
            return Set(list.contains(.string("number")) ? list + [.string("integer")] : list)
        }
        var common = types(left).intersection(types(right))
        if common.contains(.string("number")) { common.remove(.string("integer")) }
        guard !common.isEmpty else { return nil }
        return .array(KeywordKind.typeNames.map(JSONValue.string).filter(common.contains))
    }

    private static func properties(
        _ left: [JSONValue.Member], _ right: [JSONValue.Member]
    ) -> JSONValue {
        var merged = left
        var indices: [JSONValue: Int] = [:]
        for (index, property) in left.enumerated() { indices[.string(property.name)] = index }
        for property in right {
            if let index = indices[.string(property.name)] {
                merged[index].value = everyOf(merged[index].value, property.value)
            } else {
                merged.append(property)
            }
        }
        return .object(merged)
    }

    private static func everyOf(_ left: JSONValue, _ right: JSONValue) -> JSONValue {
        left == right ? left : .object([.init("allOf", .array([left, right]))])
    }
}

extension JSONValue {
    var decimal: Decimal? {
        switch self {
        case .integer(let number): Decimal(number)
        case .number(let number): Decimal(number)
        default: nil
        }
    }

    fileprivate func isBelow(_ other: JSONValue) -> Bool {
        guard let left = decimal, let right = other.decimal else { return false }
        return left < right
    }
}
