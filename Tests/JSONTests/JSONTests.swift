import Foundation
import JSON
import Testing

@Suite struct `JSON` {
    private static func parse(_ text: String) -> JSONValue? { try? JSONValue(parsing: Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("\tfalse\r", .bool(false)), ("0", .integer(0)),
            ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("-0.5e-3", .number(-0.000_5)),
            ("1.0", .number(1)), ("1E2", .number(100)), (#""""#, .string("")),
            (#""a\"\\\/\b\f\n\r\tz""#, .string("a\"\\/\u{8}\u{c}\n\r\tz")),
            (#""\u00e9\uD83D\ude00é😀""#, .string("é😀é😀")), (#""\u0000""#, .string("\u{0}")),
            ("[]", .array([])), ("[1, [2],{}]", .array([.integer(1), .array([.integer(2)]), [:]])),
            (#"{"a":1,"b":{"c":[]}}"#, ["a": .integer(1), "b": ["c": .array([])]]),
            (#"{"a":1,"a":2}"#, .object([.init("a", .integer(1)), .init("a", .integer(2))])),
        ] as [(String, JSONValue)])
    func `a text is read as what it says`(text: String, value: JSONValue) {
        #expect(Self.parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "+1", "01", "-", "1.", ".5", "1e", "1e+", "1e999", "0x1", "NaN",
        "Infinity",
        "'a'", "\"", "\"a", "\"\n\"", #""\x""#, #""\u12""#, #""\u12G4""#, #""\ud800""#, #""\ud800\u0041""#,
        #""\udc00""#, "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{}}", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#,
        #"{a:1}"#, #"{1:1}"#, #"{"a":1 "b":2}"#, "1 1", "[]x", "\u{0}", "// c\n1",
    ])
    func `invalid JSON is refused`(text: String) {
        #expect(Self.parse(text) == nil)
    }

    @Test func `bytes that are no UTF-8 are not read`() {
        for bytes: [UInt8] in [
            [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] {
            #expect((try? JSONValue(parsing: [0x22] + bytes + [0x22])) == nil)
        }
    }

    @Test(
        arguments: [
            ("[1,", "ends where a value should be", 3),
            ("{\"a\" 1}", "has an unexpected character after a name", 5),
            ("[tru]", "has an unexpected character in a word", 4),
            ("[1] 2", "has an unexpected character after the value", 4),
            ("{a:1}", "has an unexpected character where a name should be", 1),
            ("\"\\ud800\"", "has half a surrogate pair in a string", 7),
            ("[1e999]", "has a number beyond all doubles", 1),
        ] as [(String, String, Int)])
    func `an error says what is wrong and where`(text: String, problem: String, offset: Int) {
        #expect { try JSONValue(parsing: Array(text.utf8)) } throws: { error in
            let error = error as? JSONSyntaxError
            return error?.problem == problem && error?.offset == offset
        }
    }

    @Test func `members keep their order, and of a name that comes twice the last counts`() throws {
        let value = try JSONValue(parsing: Array(#"{"b":1,"a":2,"b":3,"é":4,"e\u0301":5}"#.utf8))
        guard case .object(let members) = value else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.name) == ["b", "a", "b", "é", "e\u{301}"])
        #expect(members["b"] == .integer(3))
        #expect(members["c"] == nil)
    }

    @Test(
        arguments: [
            (#"{"a":{"b":1},"b":[{"a":1,"c":2,"a":3}]}"#, "a"), (#"{"a":{"b":1},"c":[{"b":1}]}"#, nil),
            (#"{"é":1,"e\u0301":2}"#, nil), (#"{"\u0061":1,"a":2}"#, "a"), ("[1,1]", nil),
        ] as [(String, String?)])
    func `a name that one object has twice is found`(text: String, name: String?) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)).firstRepeatedName == name)
    }

    @Test func `nesting has a limit`() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(Self.parse(nested(256)) != nil)
        #expect(Self.parse(nested(257)) == nil)
        #expect(Self.parse(String(repeating: "{\"a\":", count: 1_000_000)) == nil)
    }

    @Test func `every double survives`() throws {
        var bits: UInt64 = 1
        while bits < 0x7FF0_0000_0000_0000 {
            let value = Double(bitPattern: bits)
            guard case .number(let read)? = Self.parse("\(value)") else {
                Issue.record("\(value) was not read")
                return
            }
            #expect(read == value)
            bits += 0x0003_1415_9265_3589
        }
    }

    @Test func `a damaged request is read as Foundation reads it, or by neither`() throws {
        let request = Array(
            #"{"model":"gpt-4","messages":[{"role":"user","content":"a\u00e9\n"}],"n":2,"t":-0.5e1,"s":null}"#
                .utf8)
        var agreed = 0
        for place in request.indices {
            for byte in [
                UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "0"), UInt8(ascii: "}"), 0x00, 0x80,
            ] {
                var damaged = request
                damaged[place] = byte
                let theirs = (try? JSONSerialization.jsonObject(with: Data(damaged))) != nil
                #expect(
                    ((try? JSONValue(parsing: damaged)) != nil) == theirs,
                    "\(String(decoding: damaged, as: UTF8.self))")
                agreed += 1
            }
        }
        #expect(agreed == request.count * 6)
    }
}
