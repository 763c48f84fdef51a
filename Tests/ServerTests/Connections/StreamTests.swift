import Engine
import Foundation
import HTTP
import Testing
import TestSupport
@testable import Server

@Suite(.timeLimit(.minutes(2))) struct `Streams` {
    /// A stream of many large chunks that no stop token ends.
    private static func endless(choices: Int, tokens: Int) -> String {
        RawClient.request(
            "POST", "/v1/chat/completions",
            body: """
                {"model":"gpt-4","messages":[{"role":"user","content":"x"}],"n":\(choices),"stream":true,\
                "max_tokens":\(tokens),"min_tokens":\(tokens),"logprobs":true,"top_logprobs":20}
                """)
    }

    private static func aborts(_ server: TestServer) throws -> Double? {
        try server.metric(#"vllm:request_success_total{model_name="gpt-4",finished_reason="abort"}"#)
    }

    @Test func `a client that does not read slows no other client, and is disconnected at the limit`() throws
    {
        let server = try TestServer(.socket) {
            $0.http.maximumUnread = 256 << 10
            // The limit is reached after some hundred steps, so others are under way meanwhile.
            $0.engine.pace = Pace(perStep: .milliseconds(2))
        }
        let stuck = try server.connect(receiveBuffer: 4_096)
        stuck.send(Self.endless(choices: 4, tokens: 2_000))
        let engine = server.service.models.all[0].metrics
        #expect(server.eventually { engine.current.occupancy?.running == 4 })
        let others = try (0..<4).map { _ in
            let client = try server.connect()
            client.send(RawClient.request("POST", "/v1/chat/completions", body: chat(#""stream":true"#)))
            return client
        }
        for client in others { #expect(try client.response().text.hasSuffix("data: [DONE]\n\n")) }
        #expect(try server.eventually { try Self.aborts(server) == 4 })
        #expect(
            server.eventually {
                engine.current.occupancy?.freeBlocks == engine.current.occupancy?.totalBlocks
            })
    }

    /// How a client leaves.
    enum Leaving: CaseIterable { case reset, close }

    @Test(arguments: Leaving.allCases, [true, false])
    func `a disconnect frees its blocks within two steps`(_ leaving: Leaving, isStreamed: Bool) throws {
        // Long enough for the news to reach the engine within the step that it came in.
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(100)) }
        let engine = server.service.models.all[0].metrics
        let client = try server.connect()
        client.send(
            RawClient.request(
                "POST", "/v1/chat/completions",
                body: chat(#""stream":\#(isStreamed),"n":4,"min_tokens":400"#).replacing("12,", with: "400,"))
        )
        #expect(server.eventually { engine.current.occupancy?.running == 4 && engine.current.steps >= 2 })
        let steps = engine.current.steps
        switch leaving {
        case .reset: client.abort()
        case .close: client.hangUp()
        }
        #expect(
            server.eventually {
                engine.current.occupancy?.freeBlocks == engine.current.occupancy?.totalBlocks
            })
        // Without sequences the engine takes no step, and so the count stands where it was then.
        #expect(engine.current.steps - steps <= 2)
        #expect(try Self.aborts(server) == 4)
    }

    @Test func `each chunk's time from its token's sampling to the socket is counted`() throws {
        let server = try TestServer(.socket)
        let text = try server.send(
            "POST", "/v1/chat/completions", chat(#""stream":true,"min_tokens":12"#)
        ).text
        let chunks = text.components(separatedBy: #""delta":{"content":"#).count - 1
        #expect(chunks > 0)
        let count = #"jostle:token_delivery_seconds_count{model_name="gpt-4"}"#
        #expect(try server.metric(count) == Double(chunks))
        let sum = try #require(try server.metric(#"jostle:token_delivery_seconds_sum{model_name="gpt-4"}"#))
        #expect(sum > 0 && sum < 10)
    }
}
