import ConstrainedDecoding
import JSON
import Testing

@Suite struct `A schema` {
    @Test func `has its properties in its own order`() throws {
        let schema = #"{"properties":{"z":{"const":1},"a":{"const":2},"m":{"const":3}},"required":["a"]}"#
        for text in [#"{"z":1,"a":2,"m":3}"#, #"{"a":2}"#, #"{"z":1,"a":2}"#, #"{"a":2,"m":3}"#] {
            #expect(try accepts(schema, text))
        }
        for text in ["{}", #"{"a":2,"z":1}"#, #"{"z":1,"m":3}"#, #"{"a":2,"a":2}"#, #"{"a":2,"x":1}"#] {
            #expect(try !accepts(schema, text))
        }
    }

    @Test func `has additional properties after its own, in no spelling of theirs`() throws {
        let schema = #"{"properties":{"a":{"const":1},"ab":{"const":2}},"additionalProperties":{"const":3}}"#
        for text in [#"{"a":1,"b":3}"#, #"{"abc":3,"":3}"#, #"{"ab":2,"x":3,"aa":3}"#, #"{"b\u0061":3}"#] {
            #expect(try accepts(schema, text))
        }
        for text in [#"{"x":3,"a":1}"#, #"{"a":3}"#, #"{"x":3,"a":3}"#, #"{"\u0061":3}"#, #"{"a\u0062":3}"#] {
            #expect(try !accepts(schema, text))
        }
    }

    @Test func `takes different code points for different text`() throws {
        let schema = #"{"enum":["\u00e9"],"type":"string"}"#
        #expect(try accepts(schema, "\"\u{E9}\"") && !accepts(schema, "\"e\u{301}\""))
        let both = #"{"prefixItems":[{"const":"\u00e9"},{"const":"e\u0301"}],"minItems":2,"maxItems":2}"#
        #expect(try accepts(both, "[\"\u{E9}\",\"e\u{301}\"]"))
    }

    @Test(arguments: [
        #""minimum":-13,"maximum":107"#, #""exclusiveMinimum":-1"#, #""exclusiveMaximum":10,"minimum":9.5"#,
        #""maximum":-100"#, #""multipleOf":6,"minimum":-40,"maximum":99"#, #""minimum":-0.5,"maximum":99.5"#,
        #""exclusiveMaximum":101,"exclusiveMinimum":-1e1"#, #""multipleOf":25,"maximum":-1"#,
    ])
    func `allows exactly the integers within its bounds`(bounds: String) throws {
        let schema = try PlainJSON.parse("{\"type\":\"integer\",\(bounds)}")
        let constraint = try? OutputConstraint(schema)
        for number in -300...300 {
            let isAllowed = constraint.map { accepts($0, Array("\(number)".utf8)) } ?? false
            #expect(isAllowed == Validator(root: schema).accepts(.integer(number)), "\(number)")
        }
    }

    @Test func `allows exactly the decimals within its bounds`() throws {
        let bounds = #"{"type":"number","exclusiveMinimum":-1.25,"maximum":10.5}"#
        let constraint = try OutputConstraint(PlainJSON.parse(bounds))
        for hundredths in -300...1200 {
            let sign = hundredths < 0 ? "-" : ""
            let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
            let text = "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
            #expect(
                accepts(constraint, Array(text.utf8)) == (hundredths > -125 && hundredths <= 1050), "\(text)")
        }
    }

    @Test func `has no use for a bound beyond all numbers that are written`() throws {
        let schema = #"{"type":"number","minimum":-9007199254740991,"exclusiveMaximum":1e300}"#
        #expect(try accepts(schema, "-999999999999999") && accepts(schema, "0.5"))
    }

    @Test(arguments: [
        (#"^a{2,3}$"#, ["aa", "aaa"], ["a", "aaaa", "b"]), ("b+c?", ["xbx", "bc"], ["c", ""]),
        (#"^[\\w.-]+@x$"#, ["a.b-c@x"], ["@x", "a@xy"]), ("^(?:a|b(?<n>c))*?$", ["", "abc"], ["b", "c"]),
        ("^a|b$", ["ax", "xb"], ["xa", "bx"]), ("(^|-)x$", ["x", "-x", "y-x"], ["yx"]),
        ("^[^\\\\d]$", ["a"], ["1", "ab"]),
        (#"^\\u00e9\\x41$"#, ["éA"], ["eA"]), ("^[]$", [], ["a", ""]), ("a^", [], ["a", "ba"]),
        ("", ["", "x"], []),
    ])
    func `matches its pattern as a regular expression does`(
        pattern: String, good: [String], bad: [String]
    ) throws {
        let schema = try PlainJSON.parse("{\"type\":\"string\",\"pattern\":\"\(pattern)\"}")
        let constraint = try? OutputConstraint(schema)
        for text in good {
            #expect(constraint.map { accepts($0, Array("\"\(text)\"".utf8)) } == true, "\(text)")
        }
        for text in bad {
            #expect(constraint.map { accepts($0, Array("\"\(text)\"".utf8)) } != true, "\(text)")
        }
    }

    @Test(
        arguments: [
            (#"{"type":"array","uniqueItems":true}"#, "#/uniqueItems", "the keyword is not supported"),
            (
                #"{"properties":{"a/b":{"patternProperties":{}}}}"#, "#/properties/a~1b/patternProperties",
                "the keyword"
            ),
            (#"{"not":{}}"#, "#/not", "the keyword is not supported"),
            (#"{"type":"int"}"#, "#/type", "must be a JSON type"),
            (##"{"items":[{}]}"##, "#/items", "must be a schema"), ("3", "#", "must be a schema"),
            (#"{"type":"string","minLength":-1}"#, "#/minLength", "must be 0 or more"),
            (#"{"multipleOf":0}"#, "#/multipleOf", "above 0"),
            (#"{"multipleOf":0.1}"#, "#/multipleOf", "whole numbers only"),
            (
                #"{"type":"number","exclusiveMinimum":0.1234567890123456}"#, "#/exclusiveMinimum",
                "more than 15 digits"
            ),
            (#"{"type":"integer","minimum":1e30}"#, "#/minimum", "digits"),
            (#"{"exclusiveMaximum":true}"#, "#/exclusiveMaximum", "must be a number"),
            (#"{"pattern":"(?=a)"}"#, "#/pattern", "look around"),
            (#"{"pattern":"\\bx"}"#, "#/pattern", "not supported"),
            (#"{"pattern":"(a"}"#, "#/pattern", "without its )"),
            (#"{"pattern":"a{3,2}"}"#, "#/pattern", "count"),
            (##"{"$ref":"other.json"}"##, "#/$ref", "another document"),
            (##"{"$ref":"#/$defs/x"}"##, "#/$ref", "nothing"),
            (##"{"$ref":"#"}"##, "#/$ref", "itself"),
            (##"{"anyOf":[{"$ref":"#"},{"type":"null"}]}"##, "#/anyOf/0/$ref", "itself"),
            (##"{"enum":["a"],"pattern":"b"}"##, "#/pattern", "beside enum"),
            (##"{"enum":[]}"##, "#", "no JSON"),
            ("false", "#", "no JSON"), (##"{"type":"string","enum":[1]}"##, "#", "no JSON"),
            (#"{"allOf":[{"pattern":"a"},{"pattern":"b"}]}"#, "#/allOf/1", "cannot be combined"),
            (
                #"{"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"properties":{"b":{}}}]}"#,
                "#/allOf/1", "\"b\""
            ),
            (##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##, "#", "no JSON"),
            (##"{"type":"integer","type":"string"}"##, "#/type", "twice"),
            (##"{"minimum":3,"maximum":2,"type":"integer"}"##, "#", "no JSON"),
        ].map { Refusal(schema: $0.0, path: $0.1, reason: $0.2) })
    func `that cannot be enforced is refused by name`(refusal: Refusal) throws {
        let schema = try PlainJSON.parse(refusal.schema)
        let error = #expect(throws: SchemaError.self) { try OutputConstraint(schema) }
        #expect(error?.path == refusal.path)
        #expect(error?.reason.contains(refusal.reason) == true, "\(error.map { "\($0)" } ?? "")")
    }
}

struct Refusal: Sendable {
    var schema: String
    var path: String
    var reason: String
}
