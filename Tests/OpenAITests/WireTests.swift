import Foundation
import JSON
import Testing
@testable import OpenAI

@Suite struct `The wire` {
    private static let head = ResponseHead(
        id: "x", object: "chat.completion.chunk", created: 1, model: "m", systemFingerprint: "fp")

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `a chunk is one frame of exact bytes`() {
        let chunks = StreamChunks(.chat, head: Self.head)
        #expect(
            Self.text(chunks.text("a\n\"", index: 2))
                == #"data: {"created":1,"id":"x","model":"m","object":"chat.completion.chunk","system_fingerprint":"fp","#
                + #""choices":[{"index":2,"delta":{"content":"a\n\""},"logprobs":null,"finish_reason":null}]}"#
                + "\n\n")
        #expect(
            Self.text(chunks.finish("stop", index: 0)).contains(
                #""delta":{},"logprobs":null,"finish_reason":"stop""#))
    }

    @Test(arguments: ["", "plain", "tab\t nl\n quote\" back\\ nul\u{0} del\u{7f} é 😀 \u{2028}"])
    func `any text survives as a JSON string`(text: String) throws {
        var bytes: [UInt8] = []
        bytes.appendJSONString(text)
        let parsed =
            try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? String
        #expect(parsed == text)
    }

    @Test func `every finite float survives as a number`() throws {
        var bits: UInt32 = 1
        while bits < 0x7f80_0000 {
            let value = Float(bitPattern: bits)
            let parsed = try JSONDecoder().decode([Float].self, from: Data(JSONText.encode([value, -value])))
            #expect(parsed == [value, -value])
            bits &+= 0x0123_4567 / 4
        }
    }

    @Test func `an error has its four fields even where they are null`() throws {
        let body = Self.text(JSONText.encode(ErrorBody(message: "m", type: "t")))
        #expect(body == #"{"error":{"code":null,"message":"m","param":null,"type":"t"}}"#)
    }

    @Test func `content may be text or parts of it`() throws {
        let body =
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":null}]}"#
        let request = try ChatCompletionRequest(parsing: Array(body.utf8))
        #expect(request.messages.map(\.content) == ["ab", ""])
        #expect(request.parameters.temperature == 1)
        #expect(request.parameters.maximumTokens == nil)
    }

    @Test func `the probe's own bodies are understood`() throws {
        let chat =
            #"{"model":"gpt-4","messages":[{"role":"system","content":"s"}],"temperature":0,"max_tokens":128,"logit_bias":{"100257":-100.0}}"#
        let parameters = try ChatCompletionRequest(parsing: Array(chat.utf8)).parameters
        #expect(parameters.logitBias == [100_257: -100])
        let text =
            #"{"model":"davinci","prompt":"p","temperature":0,"max_tokens":128,"logit_bias":{"50256":-100.0}}"#
        #expect(try CompletionRequest(parsing: Array(text.utf8)).prompts == [.text("p")])
    }

    @Test func `a completion without a prompt has the API's own`() throws {
        let request = try CompletionRequest(parsing: Array(#"{"model":"m"}"#.utf8))
        #expect(request.prompts == [.text("<|endoftext|>")])
    }
}
