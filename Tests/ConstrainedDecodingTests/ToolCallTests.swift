import ConstrainedDecoding
import JSON
import Testing

@Suite struct `A forced tool call` {
    private static func functions() throws -> [ToolFunction] {
        let city =
            ##"{"type":"object","properties":{"city":{"$ref":"#/$defs/s"}},"required":["city"],"$defs":{"s":{"const":"Rome"}}}"##
        let node = ##"{"type":"object","properties":{"n":{"$ref":"#"}},"$defs":{"s":{"const":1}}}"##
        return [
            ToolFunction(name: "weather", parameters: try PlainJSON.parse(city)),
            ToolFunction(name: "nest", parameters: try PlainJSON.parse(node)),
            ToolFunction(name: "now", parameters: nil),
        ]
    }

    private static func accepts(_ choice: ToolChoice, _ text: String) throws -> Bool {
        let schema = try JSONSchema.toolCall(of: functions(), choice: choice)
        var matcher = try OutputConstraint(schema).matcher
        return matcher.advance(Array(text.utf8)) && matcher.mustStop
    }

    @Test func `of a named function is the object of its arguments`() throws {
        #expect(try Self.accepts(.named("weather"), #"{"city": "Rome"}"#))
        #expect(try Self.accepts(.named("nest"), #"{"n":{"n":{}}}"#))
        #expect(try Self.accepts(.named("now"), "{}"))
        #expect(try !Self.accepts(.named("now"), #"{"a":1}"#))
        #expect(try !Self.accepts(.named("weather"), "{}"))
    }

    @Test func `of any function names it and has its arguments`() throws {
        #expect(try Self.accepts(.required, #"{"name": "weather", "arguments": {"city":"Rome"}}"#))
        #expect(try Self.accepts(.required, #"{"name":"nest","arguments":{"n":{}}}"#))
        #expect(try Self.accepts(.required, #"{"name":"now","arguments":{}}"#))
        #expect(try !Self.accepts(.required, #"{"name":"now","arguments":{"n":{}}}"#))
        #expect(try !Self.accepts(.required, #"{"name":"other","arguments":{}}"#))
    }

    @Test func `of an unknown function or without functions is refused`() throws {
        for (functions, choice) in [(try Self.functions(), .named("x")), ([], .required)]
            as [([ToolFunction], ToolChoice)]
        {
            #expect(throws: SchemaError(path: "#/tool_choice", reason: "there is no such function to call")) {
                try JSONSchema.toolCall(of: functions, choice: choice)
            }
        }
    }

    @Test func `with parameters that are no object is refused with its place`() throws {
        let bad = ToolFunction(name: "f", parameters: .object([.init("type", .string("string"))]))
        let error = #expect(throws: SchemaError.self) {
            try JSONSchema.toolCall(of: Self.functions() + [bad], choice: .required)
        }
        #expect(error?.path == "#/tools/3/parameters")
        #expect(error?.reason == "the parameters of a function must be an object")
    }
}
