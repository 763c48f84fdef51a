import ConstrainedDecoding
import JSON

/// Whether a value satisfies a schema, straight from the words of JSON Schema; the matcher shares nothing with it.
struct Validator {
    let root: JSONValue

    func accepts(_ value: JSONValue) -> Bool { isValid(value, root) }

    private func isValid(_ value: JSONValue, _ schema: JSONValue) -> Bool {
        guard case .object(let keywords) = schema else { return schema == .bool(true) }
        func keyword(_ name: String) -> JSONValue? { keywords.first { $0.name == name }?.value }
        func list(_ name: String) -> [JSONValue]? {
            if case .array(let list)? = keyword(name) { list } else { nil }
        }
        if case .string(let reference)? = keyword("$ref"), !isValid(value, resolve(reference)) {
            return false
        }
        if let all = list("allOf"), !all.allSatisfy({ isValid(value, $0) }) { return false }
        for name in ["anyOf", "oneOf"] {
            if let any = list(name), !any.contains(where: { isValid(value, $0) }) { return false }
        }
        if let values = list("enum"), !values.contains(where: { same($0, value) }) { return false }
        if let constant = keyword("const"), !same(constant, value) { return false }
        if let types = keyword("type") {
            let names = if case .array(let list) = types { list } else { [types] }
            guard names.contains(where: { isOf($0, value) }) else { return false }
        }
        switch value {
        case .string(let text): return isValid(text, keyword)
        case .integer(let number):
            // Beyond 2^53, not every multiple is a double.
            if case .integer(let factor)? = keyword("multipleOf") {
                return number % factor == 0
                    && isValid(Double(number)) { $0 == "multipleOf" ? nil : keyword($0) }
            }
            return isValid(Double(number), keyword)
        case .number(let number): return isValid(number, keyword)
        case .array(let items): return isValid(items, keyword)
        case .object(let members): return isValid(members, keyword)
        default: return true
        }
    }

    private func resolve(_ reference: String) -> JSONValue {
        var value = root
        for step in reference.split(separator: "/").dropFirst() {
            switch value {
            case .object(let members): value = members.first { $0.name == step }?.value ?? .bool(false)
            case .array(let items): value = items[Int(step) ?? 0]
            default: return .bool(false)
            }
        }
        return value
    }

    private func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.integer(let left), .number(let right)): Double(left) == right
        case (.number(let left), .integer(let right)): left == Double(right)
        default: left == right
        }
    }

    private func isOf(_ type: JSONValue, _ value: JSONValue) -> Bool {
        switch (type, value) {
        case (.string("null"), .null), (.string("boolean"), .bool), (.string("string"), .string),
            (.string("array"), .array), (.string("object"), .object), (.string("integer"), .integer),
            (.string("number"), .integer), (.string("number"), .number):
            true
        case (.string("integer"), .number(let number)): number == number.rounded()
        default: false
        }
    }

    private func isValid(_ text: String, _ keyword: (String) -> JSONValue?) -> Bool {
        let length = text.unicodeScalars.count
        if case .integer(let minimum)? = keyword("minLength"), length < minimum { return false }
        if case .integer(let maximum)? = keyword("maxLength"), length > maximum { return false }
        if case .string(let pattern)? = keyword("pattern") {
            guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return false }
            if text.firstMatch(of: regex) == nil { return false }
        }
        guard case .string(let format)? = keyword("format") else { return true }
        return isOf(format: format, text)
    }

    private func isOf(format: String, _ text: String) -> Bool {
        switch format {
        case "date": return isDate(text)
        case "time": return isTime(text)
        case "date-time":
            let halves = text.split(separator: "T")
            return halves.count == 2 && isDate(String(halves[0])) && isTime(String(halves[1]))
        case "email": return text.split(separator: "@").count == 2 && !text.contains(" ")
        case "uuid": return text.wholeMatch(of: /[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}/) != nil
        case "ipv4":
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4
                && parts.allSatisfy { part in UInt8(part).map { "\($0)" == part } ?? false }
        default: return true
        }
    }

    private func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, text.utf8.count == 10 else { return false }
        let isLeap = parts[0] % 4 == 0 && (parts[0] % 100 != 0 || parts[0] % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(parts[1]) && (1...days[parts[1] - 1]).contains(parts[2])
    }

    private func isTime(_ text: String) -> Bool {
        guard let match = text.wholeMatch(of: /(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+\-](\d\d):(\d\d))/) else {
            return false
        }
        return [(match.1, 23), (match.2, 59), (match.3, 59), (match.6 ?? "0", 23), (match.7 ?? "0", 59)]
            .allSatisfy { part, limit in Int(part).map { $0 <= limit } ?? false }
    }

    private func isValid(_ number: Double, _ keyword: (String) -> JSONValue?) -> Bool {
        func bound(_ name: String) -> Double? {
            switch keyword(name) {
            case .integer(let bound)?: Double(bound)
            case .number(let bound)?: bound
            default: nil
            }
        }
        if let bound = bound("minimum"), number < bound { return false }
        if let bound = bound("maximum"), number > bound { return false }
        if let bound = bound("exclusiveMinimum"), number <= bound { return false }
        if let bound = bound("exclusiveMaximum"), number >= bound { return false }
        if let factor = bound("multipleOf"), number.remainder(dividingBy: factor) != 0 { return false }
        return true
    }

    private func isValid(_ items: [JSONValue], _ keyword: (String) -> JSONValue?) -> Bool {
        if case .integer(let minimum)? = keyword("minItems"), items.count < minimum { return false }
        if case .integer(let maximum)? = keyword("maxItems"), items.count > maximum { return false }
        var prefix: [JSONValue] = []
        if case .array(let list)? = keyword("prefixItems") { prefix = list }
        for (item, schema) in zip(items, prefix) where !isValid(item, schema) { return false }
        guard let rest = keyword("items") else { return true }
        return items.dropFirst(prefix.count).allSatisfy { isValid($0, rest) }
    }

    private func isValid(_ members: [JSONValue.Member], _ keyword: (String) -> JSONValue?) -> Bool {
        // Where a key comes twice, the last one counts.
        var values: [JSONValue: JSONValue] = [:]
        for member in members { values[.string(member.name)] = member.value }
        if case .array(let names)? = keyword("required"), !names.allSatisfy({ values[$0] != nil }) {
            return false
        }
        if case .object(let properties)? = keyword("properties") {
            for property in properties {
                guard let value = values.removeValue(forKey: .string(property.name)) else { continue }
                guard isValid(value, property.value) else { return false }
            }
        }
        guard let additional = keyword("additionalProperties") else { return true }
        return values.values.allSatisfy { isValid($0, additional) }
    }
}
