import ExpertRouting
import ConstrainedDecoding
import JSON
import Testing

@Suite struct `A hostile schema` {
    private static func nested(_ depth: Int) -> String {
        String(repeating: #"{"items":"#, count: depth) + "{}" + String(repeating: "}", count: depth)
    }

    private static let doubling =
        (0..<28).map { index in
            "\"d\(index)\":{\"allOf\":[{\"$ref\":\"#/$defs/d\(index + 1)\"},{\"$ref\":\"#/$defs/d\(index + 1)\"}]}"
        }.joined(separator: ",") + ",\"d28\":{}"

    private static let choices = (0..<12).map { "{\"anyOf\":[{\"title\":\"\($0)\"},{\"minimum\":\($0)}]}" }
        .joined(separator: ",")

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            (nested(100), "nested deeper than 64 levels"),
            (#"{"type":"array","minItems":1000000000000}"#, "above 131072"),
            (#"{"type":"array","minItems":100000}"#, "more than 131072 states"),
            (#"{"type":"string","minLength":10000000}"#, "above 131072"),
            (#"{"type":"string","minLength":100000}"#, "more than 131072 states"),
            (#"{"type":"string","maxLength":131072}"#, "more than 131072 states"),
            (#"{"pattern":"^(a|b)*a(a|b){30}$"}"#, "too many states"),
            (#"{"pattern":"((((){8000}){8000}){8000}){8000}"}"#, "too large"),
            (#"{"pattern":"(((a{100}){100}){100}){100}"}"#, "too large"),
            (##"{"type":"integer","multipleOf":99991}"##, "more than 131072 states"),
            ("{\"$ref\":\"#/$defs/d0\",\"$defs\":{\(doubling)}}", "expand to too much"),
            ("{\"allOf\":[\(choices)]}", "more than 256 alternatives"),
            ("{\"pattern\":\"" + String(repeating: "(", count: 4000) + "\"}", "nested too deeply"),
            ("{\"pattern\":\"" + String(repeating: "a", count: 5000) + "\"}", "longer than 4096 characters"),
            (
                "{\"enum\":[" + (0..<60_000).map { "\($0)" }.joined(separator: ",") + "]}",
                "more than 50000 values"
            ),
            (
                "{\"anyOf\":[" + (0..<300).map { "{\"const\":\($0)}" }.joined(separator: ",") + "]}",
                "more than 256 alternatives"
            ),
            (
                "{\"properties\":{\"x\":{\"$ref\":\"#/$defs/a\"}},\"required\":[\"x\"],\"$defs\":{\"a\":"
                    + "{\"allOf\":[{\"properties\":{\"x\":{\"allOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/b\"}]}}},"
                    + "{\"$ref\":\"#/$defs/b\"}]},\"b\":{\"properties\":{\"x\":{\"$ref\":\"#/$defs/b\"}}}}}",
                "nested deeper than 64 levels"
            ),
        ] as [(String, String)])
    func `is refused with the limit it exceeds`(text: String, reason: String) throws {
        let schema = try PlainJSON.parse(text)
        let error = #expect(throws: SchemaError.self) { try OutputConstraint(schema) }
        #expect(error?.reason.contains(reason) == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func `of many properties and values is followed`() throws {
        let properties = (0..<300).map { "\"property\($0)\":{\"enum\":[\"v\($0)\",\($0)]}" }.joined(
            separator: ",")
        let schema = "{\"type\":\"object\",\"properties\":{\(properties)},\"additionalProperties\":false}"
        #expect(try accepts(schema, #"{"property7":"v7","property299":299}"#))
        #expect(try !accepts(schema, #"{"property299":299,"property7":7}"#))
    }

    @Test(.timeLimit(.minutes(5)))
    func `made by chance from another is refused or followed, without end or crash in neither`() throws {
        var random = SplitMix64(seed: 3)
        let vocabulary = randomVocabulary(extra: 40, seed: 2)
        let trie = TokenTrie(vocabulary)
        let schemas = try Schemas.all.map { try PlainJSON.parse($0) }
        let pieces = schemas.flatMap(Self.parts)
        var followed = 0
        for _ in 0..<1_500 {
            var schema = schemas.randomElement(using: &random) ?? .null
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let piece = pieces.randomElement(using: &random) ?? .null
                var place = Int.random(in: 0..<Self.parts(schema).count, using: &random)
                schema = Self.replace(&place, in: schema, with: piece)
            }
            guard let constraint = try? OutputConstraint(schema) else { continue }
            followed += 1
            let output = try randomOutput(constraint, trie, vocabulary, patience: 8, &random)
            let value = try PlainJSON.parse(output)
            #expect(Validator(root: schema).accepts(value), "\(schema) \(value)")
        }
        #expect(followed > 250)
    }

    private static func parts(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let items): [value] + items.flatMap(parts)
        case .object(let members): [value] + members.flatMap { parts($0.value) }
        default: [value]
        }
    }

    /// `value` with the part that `parts` has at `index` replaced.
    private static func replace(
        _ index: inout Int, in value: JSONValue, with piece: JSONValue
    ) -> JSONValue {
        index -= 1
        if index == -1 { return piece }
        switch value {
        case .array(let items): return .array(items.map { replace(&index, in: $0, with: piece) })
        case .object(let members):
            return .object(members.map { .init($0.name, replace(&index, in: $0.value, with: piece)) })
        default: return value
        }
    }
}
