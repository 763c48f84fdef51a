import Engine
import Foundation
import TestSupport
import Testing

@testable import Server

@Suite struct `Completions` {
    @Test(arguments: Transport.allCases)
    func `a chat completion has every field its clients read`(transport: Transport) throws {
        let response = try TestServer(transport).send("POST", "/v1/chat/completions", chat())
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["x-request-id"]?.isEmpty == false)
        #expect(Int(response.headers["openai-processing-ms"] ?? "") ?? 0 >= 1)
        #expect(response.headers["x-jostle-isolation"] == "cross-sequence")
        #expect(response.json["object"] as? String == "chat.completion")
        let choice = try #require((response.json["choices"] as? [[String: Any]])?.first)
        #expect(choice["finish_reason"] as? String == "length")
        #expect(choice["logprobs"] is NSNull)
        let message = try #require(choice["message"] as? [String: Any])
        #expect(message["role"] as? String == "assistant")
        #expect((message["content"] as? String)?.isEmpty == false)
        let usage = try #require(response.json["usage"] as? [String: Any])
        #expect(usage["completion_tokens"] as? Int == 12)
        #expect(usage["total_tokens"] as? Int == 12 + (usage["prompt_tokens"] as? Int ?? 0))
    }

    @Test func `a text completion answers every prompt, n times, in order`() throws {
        let body =
            #"{"model":"davinci","prompt":["Once upon",[5,6,7]],"n":2,"max_tokens":3,"logprobs":1,"ignore_eos":true}"#
        let response = try TestServer().send("POST", "/v1/completions", body)
        #expect(response.status == 200)
        let choices = try #require(response.json["choices"] as? [[String: Any]])
        #expect(choices.map { $0["index"] as? Int } == [0, 1, 2, 3])
        let logprobs = try #require(choices[0]["logprobs"] as? [String: [Any]])
        #expect(logprobs["tokens"]?.count == 3)
        #expect(logprobs["text_offset"]?.first as? Int == 9)
        let usage = try #require(response.json["usage"] as? [String: Any])
        #expect(usage["completion_tokens"] as? Int == 12)
    }

    @Test(arguments: Transport.allCases)
    func `a stream is the same text in frames that legacy clients read`(transport: Transport) throws {
        let server = try TestServer(transport)
        let whole = try server.send("POST", "/v1/chat/completions", chat())
        let stream = try server.send("POST", "/v1/chat/completions", chat(#""stream":true"#))
        #expect(stream.headers["content-type"]?.hasPrefix("text/event-stream") == true)
        #expect(stream.headers["transfer-encoding"] == (transport == .socket ? "chunked" : nil))
        let frames = stream.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
        #expect(frames.allSatisfy { $0.hasPrefix("data: ") })
        #expect(frames.last == "data: [DONE]")
        let deltas = try frames.dropLast().map { frame -> [String: Any] in
            let json = try JSONSerialization.jsonObject(with: Data(frame.dropFirst(6).utf8)) as? [String: Any]
            let choice = try #require((json?["choices"] as? [[String: Any]])?.first)
            return try #require(choice["delta"] as? [String: Any])
        }
        #expect(
            frames.filter { $0.contains(#""jostle":{"dropped_assignments":"#) } == [frames[frames.count - 2]])
        #expect(deltas.first?["role"] as? String == "assistant")
        #expect(deltas.compactMap { $0["content"] as? String }.joined() == whole.content)
    }

    @Test func `usage comes last in a stream that asks for it`() throws {
        let body = chat(#""stream":true,"stream_options":{"include_usage":true}"#)
        let frames = try TestServer().send("POST", "/v1/chat/completions", body).text
            .components(separatedBy: "\n\n").filter { !$0.isEmpty }
        #expect(frames[frames.count - 2].contains(#""choices":[],"usage":{"completion_tokens":12"#))
        #expect(frames[frames.count - 3].contains(#""usage":null,"jostle":{"dropped_assignments":"#))
        #expect(frames[0].hasSuffix(#""usage":null}"#))
    }

    @Test func `what load generators send is understood`() throws {
        let fields = #""ignore_eos":true,"repetition_penalty":1.0,"logit_bias":{"100257":100}"#
        let server = try TestServer()
        func completionTokens(_ fields: String) throws -> Int? {
            let response = try server.send("POST", "/v1/chat/completions", chat(fields))
            return (response.json["usage"] as? [String: Any])?["completion_tokens"] as? Int
        }
        #expect(try completionTokens(fields) == 12)
        #expect(try completionTokens(#""logit_bias":{"100257":100}"#) == 0)
    }

    @Test func `a stop string ends the text before it, in whole and streamed`() throws {
        let server = try TestServer()
        func text(_ fields: String) throws -> (String, String) {
            let response = try server.send("POST", "/v1/chat/completions", chat(fields))
            let choice = (response.json["choices"] as? [[String: Any]])?.first
            return (response.content ?? "", choice?["finish_reason"] as? String ?? "")
        }
        let free = try text("").0
        // A stop that begins in the middle of one token and ends in the middle of another.
        let start = free.index(free.startIndex, offsetBy: 7)
        let stop = String(free[start..<free.index(start, offsetBy: 6)])
        #expect(try text(#""stop":"\#(stop)""#) == (String(free[..<start]), "stop"))
        let stream = try server.send(
            "POST", "/v1/chat/completions", chat(#""stream":true,"stop":["\#(stop)"]"#)
        ).text
        #expect(!stream.contains("\"content\":\"\(stop)"))
        #expect(stream.contains(#""finish_reason":"stop""#))
    }

    @Test func `log-probabilities keep their bits`() throws {
        let body = chat(#""logprobs":true,"top_logprobs":3"#)
        let server = try TestServer()
        let texts = try (0..<2).map { _ in
            let text = try server.send("POST", "/v1/chat/completions", body).text
            return try #require(
                text.range(of: #""logprobs":\{.*\]\}"#, options: .regularExpression).map { text[$0] })
        }
        #expect(texts[0] == texts[1])
        #expect(texts[0].contains(#""top_logprobs":[{"bytes":"#))
    }

    @Test func `requests on one connection are answered one after another`() throws {
        let server = try TestServer(.socket)
        let client = try server.connect()
        for _ in 0..<3 {
            client.send(RawClient.request("POST", "/v1/chat/completions", body: chat()))
            #expect(try client.response().status == 200)
        }
    }

    @Test func `the switch works by field, by name, at run time, and the answer says so`() throws {
        let server = try TestServer()
        func isolation(_ body: String) throws -> String? {
            let report =
                try server.send("POST", "/v1/chat/completions", body).json["jostle"] as? [String: Any]
            return report?["isolation"] as? String
        }
        #expect(try isolation(chat()) == "cross-sequence")
        #expect(try isolation(chat(#""isolation":"dropless""#)) == "dropless")
        #expect(try isolation(chat(model: "gpt-4:per-sequence")) == "per-sequence")
        #expect(try isolation(chat(#""isolation":"dropless""#, model: "gpt-4:per-sequence")) == "dropless")
        let change = #"{"isolation":"per-sequence","capacity_factor":2,"slot_priority":"gate"}"#
        let changed = try server.send("PUT", "/admin/routing?model=gpt-4", change)
        #expect(changed.status == 200)
        #expect(changed.text.contains(#""capacity_factor":2,"#))
        #expect(try isolation(chat()) == "per-sequence")
        let other = try server.send("GET", "/admin/routing?model=gpt-3.5-turbo")
        #expect(other.text.contains("cross-sequence"))
        #expect(try server.send("PUT", "/admin/routing", #"{"preset":"capacity-aware"}"#).status == 200)
        let state = try server.send("GET", "/admin/routing?model=gpt-4").text
        #expect(
            state.contains(#""limits_generated_tokens":false"#)
                && state.contains(#""preset":"capacity-aware""#))
    }

    @Test func `alone on the server one prompt has one answer in every mode`() throws {
        let server = try TestServer()
        for isolation in ["cross-sequence", "per-sequence", "dropless"] {
            let texts = try (0..<5).map { _ in
                try server.send("POST", "/v1/chat/completions", chat(#""isolation":"\#(isolation)""#)).content
            }
            #expect(Set(texts).count == 1)
        }
    }
}
