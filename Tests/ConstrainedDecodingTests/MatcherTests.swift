import ConstrainedDecoding
import JSON
import Testing

/// Whether the whole of `text` is an output that `schema` allows.
func accepts(_ schema: String, _ text: String) throws -> Bool {
    try accepts(OutputConstraint(PlainJSON.parse(schema)), Array(text.utf8))
}

func accepts(_ constraint: OutputConstraint, _ bytes: [UInt8]) -> Bool {
    var matcher = constraint.matcher
    return matcher.advance(bytes) && matcher.isComplete
}

@Suite struct `A matcher` {
    @Test(arguments: [
        "{}", #"{"a":1}"#, #"{"a": 1, "b": [1, {}]}"#, #"{"a":"\u00e9\ud83d\uDE00é😀\n"}"#,
        #"{"":[[],-0.5e+10,null]}"#,
    ])
    func `takes any object as json_object`(text: String) throws {
        #expect(accepts(try OutputConstraint(JSONSchema.anyObject), Array(text.utf8)))
    }

    @Test(arguments: [
        "[]", "1", "{} ", " {}", "{ }", #"{"a":1,}"#, #"{"a":1 }"#, #"{"a" :1}"#, #"{"a":  1}"#,
        "{\"a\":\n1}",
        #"{"a":01}"#, #"{"a":1.}"#, #"{"a":+1}"#, #"{"a":"\x"}"#, #"{"a":"\ud83d"}"#, #"{"a":"\ude00"}"#,
        #"{"a":"\ud83d\u0041"}"#, "{\"a\":\"\n\"}", #"{a:1}"#, #"{"a"}"#, "{\"a\":1", #"{"a":tru}"#,
        #"{1:1}"#, "{}{}",
    ])
    func `refuses anything but a compact object`(text: String) throws {
        #expect(!accepts(try OutputConstraint(JSONSchema.anyObject), Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0x80],
            [0xC3, 0x22],
            [0x1F],
        ] as [[UInt8]])
    func `refuses bytes that are no UTF-8 text`(bytes: [UInt8]) throws {
        let constraint = try OutputConstraint(JSONSchema.anyValue)
        #expect(!accepts(constraint, [0x22] + bytes + [0x22]))
    }

    @Test func `takes every character in a string`() throws {
        let constraint = try OutputConstraint(JSONSchema.anyValue)
        for value in UInt32(0x20)...0x10FFFF where value % 61 == 0 || value < 0x3000 {
            guard let scalar = Unicode.Scalar(value), scalar != "\"", scalar != "\\" else { continue }
            #expect(accepts(constraint, Array("\"\(scalar)\"".utf8)))
        }
    }

    @Test func `says whether the output may and must end`() throws {
        var matcher = try OutputConstraint(PlainJSON.parse(#"{"type":"integer","minimum":1,"maximum":12}"#))
            .matcher
        #expect(!matcher.isComplete && !matcher.mustStop)
        matcher.advance(UInt8(ascii: "1"))
        #expect(matcher.isComplete && !matcher.mustStop)
        matcher.advance(UInt8(ascii: "2"))
        #expect(matcher.isComplete && matcher.mustStop)
    }

    @Test func `stays where it was when a byte is refused`() throws {
        var matcher = try OutputConstraint(JSONSchema.anyObject).matcher
        let isTaken = matcher.advance(Array("{\"a\":x".utf8))
        #expect(!isTaken)
        #expect(!matcher.allows(UInt8(ascii: "x")) && matcher.allows(UInt8(ascii: "{")))
        matcher.advance(Array("{\"a\":1}".utf8))
        #expect(matcher.mustStop)
    }

    @Test func `does not change its copies`() throws {
        var matcher = try OutputConstraint(JSONSchema.anyValue).matcher
        matcher.advance(Array("[[".utf8))
        var copy = matcher
        copy.advance(Array("]]".utf8))
        #expect(copy.mustStop && !matcher.isComplete)
        matcher.advance(Array("1,2],[]]".utf8))
        #expect(matcher.mustStop)
    }

    @Test func `opens no more than 64 levels, and closes all of them`() throws {
        var matcher = try OutputConstraint(JSONSchema.anyValue).matcher
        var levels = 0
        while matcher.advance(UInt8(ascii: "[")) { levels += 1 }
        #expect(levels == SchemaLimits.outputDepth)
        #expect(!matcher.allows(UInt8(ascii: "1")) && matcher.allows(UInt8(ascii: "]")))
        matcher.advance(Array(repeating: UInt8(ascii: "]"), count: levels))
        #expect(matcher.mustStop)
    }

    @Test func `leads back from the deepest level by what the schema still asks for`() throws {
        let node = ##"{"type":"object","properties":{"v":{"const":1},"n":{"$ref":"#"}},"required":["v"]}"##
        var matcher = try OutputConstraint(PlainJSON.parse(node)).matcher
        var levels = 0
        while matcher.advance(Array(#"{"v":1,"n":"#.utf8)) { levels += 1 }
        #expect(levels == SchemaLimits.outputDepth - 2)
        matcher.advance(Array(#"{"v":1"#.utf8))
        #expect(matcher.allows(UInt8(ascii: "}")) && !matcher.allows(UInt8(ascii: ",")))
        matcher.advance(Array(repeating: UInt8(ascii: "}"), count: levels + 1))
        #expect(matcher.mustStop)
    }

    @Test func `writes a number of a bounded number of digits`() throws {
        for schema in [#"{"type":"number"}"#, #"{"type":"integer"}"#, #"{"type":"number","minimum":0}"#] {
            var matcher = try OutputConstraint(PlainJSON.parse(schema)).matcher
            var digits = 0
            while matcher.advance(UInt8(ascii: "9")) { digits += 1 }
            #expect(digits < 20 && matcher.isComplete)
        }
    }

    @Test func `knows how many bytes complete the output`() throws {
        let schema =
            #"{"type":"object","properties":{"a":{"type":"string"},"b":{"enum":[10,"x"]}},"required":["a","b"]}"#
        var matcher = try OutputConstraint(PlainJSON.parse(schema)).matcher
        #expect(matcher.minimumBytesToFinish == #"{"a":"","b":10}"#.utf8.count)
        matcher.advance(Array(#"{"a":"xyz"#.utf8))
        #expect(matcher.minimumBytesToFinish == #"","b":10}"#.utf8.count)
        matcher.advance(Array(#"","b":"x"}"#.utf8))
        #expect(matcher.minimumBytesToFinish == 0 && matcher.mustStop)
    }
}
