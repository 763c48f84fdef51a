import Foundation
import Testing

@testable import OpenAI

@Suite struct `JSON` {
    private static func parse(_ text: String) -> JSONValue? { JSONValue(parsing: Array(text.utf8)) }

    @Test(
        arguments: [
            ("null", .null), (" true\n", .bool(true)), ("\tfalse\r", .bool(false)), ("0", .integer(0)),
            ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("-0.5e-3", .number(-0.000_5)),
            ("1.0", .number(1)), ("1E2", .number(100)), (#""""#, .string("")),
            (#""a\"\\\/\b\f\n\r\tz""#, .string("a\"\\/\u{8}\u{c}\n\r\tz")),
            (#""\u00e9\uD83D\ude00é😀""#, .string("é😀é😀")), (#""\u0000""#, .string("\u{0}")),
            ("[]", .array([])), ("[1, [2],{}]", .array([.integer(1), .array([.integer(2)]), .object([:])])),
            (#"{"a":1,"b":{"c":[]}}"#, .object(["a": .integer(1), "b": .object(["c": .array([])])])),
            (#"{"a":1,"a":2}"#, .object(["a": .integer(2)])),
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
    func `what is no JSON is not read`(text: String) {
        #expect(Self.parse(text) == nil)
    }

    @Test func `bytes that are no UTF-8 are not read`() {
        for bytes: [UInt8] in [
            [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] {
            #expect(JSONValue(parsing: [0x22] + bytes + [0x22]) == nil)
        }
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
                    (JSONValue(parsing: damaged) != nil) == theirs,
                    "\(String(decoding: damaged, as: UTF8.self))")
                agreed += 1
            }
        }
        #expect(agreed == request.count * 6)
    }
}
