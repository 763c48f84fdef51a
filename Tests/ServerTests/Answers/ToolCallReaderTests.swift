import Testing

@testable import Server

@Suite struct `The reader of forced calls` {
    private static func read(
        _ pieces: [String], of function: String?, isCut: Bool = false
    ) -> ToolCallReader.Delta {
        var reader = ToolCallReader(of: function)
        var all = ToolCallReader.Delta()
        for piece in pieces {
            let delta = reader.take(piece)
            #expect(delta.name == nil || all.name == nil, "the name is told once")
            all.name = all.name ?? delta.name
            all.arguments += delta.arguments
        }
        all.arguments += reader.end(isCut: isCut)
        return all
    }

    @Test(
        arguments: [
            (#"{"name":"f","arguments":{}}"#, "f", "{}"),
            (
                #"{"name": "arguments", "arguments": {"arguments": {"name": "}}"}}}"#, "arguments",
                #"{"arguments": {"name": "}}"}}"#
            ),
            (#"{"name": "a_B-9","arguments":{"x": "é😀}"}}"#, "a_B-9", #"{"x": "é😀}"}"#),
        ] as [(String, String, String)])
    func `finds name and arguments wherever the text is cut into pieces`(
        text: String, name: String, arguments: String
    ) {
        let wanted = ToolCallReader.Delta(name: name, arguments: arguments)
        #expect(Self.read(text.map { String($0) }, of: nil) == wanted)
        for cut in text.indices {
            #expect(Self.read([String(text[..<cut]), String(text[cut...])], of: nil) == wanted)
        }
    }

    @Test func `takes all text for arguments where the function is named`() {
        #expect(
            Self.read([#"{"a""#, ":{}}"], of: "g") == ToolCallReader.Delta(name: "g", arguments: #"{"a":{}}"#)
        )
    }

    @Test func `leaves a call that was cut as it was cut`() {
        #expect(
            Self.read([#"{"name":"f","arguments":{"a":{}"#], of: nil, isCut: true)
                == ToolCallReader.Delta(name: "f", arguments: #"{"a":{}"#))
        #expect(Self.read([#"{"name":"f","argu"#], of: nil, isCut: true) == ToolCallReader.Delta())
        #expect(Self.read([#"{"a":{}"#], of: "g", isCut: true).arguments == #"{"a":{}"#)
    }
}
