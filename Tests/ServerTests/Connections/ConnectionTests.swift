import Engine
import Foundation
import HTTP
import Testing
import TestSupport
@testable import Server

@Suite struct `Connections` {
    private static func blocksInUse(_ server: TestServer) throws -> Double? {
        guard let all = try server.metric(#"jostle:kv_blocks{model_name="gpt-4"}"#), all > 0,
            let free = try server.metric(#"jostle:kv_blocks_free{model_name="gpt-4"}"#)
        else { return nil }
        return all - free
    }

    @Test func `killing clients in the midst of streams leaks no KV block`() throws {
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(2)) }
        for round in 0..<4 {
            let clients = try (0..<6).map { _ in try server.connect() }
            for client in clients {
                client.send(
                    RawClient.request(
                        "POST", "/v1/chat/completions",
                        body:
                            #"{"model":"gpt-4","messages":[{"role":"user","content":"x"}],"max_tokens":400,"stream":true,"logit_bias":{"100257":-100,"2":-100}}"#
                    ))
            }
            for client in clients { try client.read(until: "\"content\":\"") }
            #expect(try server.eventually { (try Self.blocksInUse(server) ?? 0) > 0 })
            for client in clients { client.abort() }
            #expect(try server.eventually { try Self.blocksInUse(server) == 0 }, "round \(round)")
        }
        #expect(
            try server.metric(#"vllm:request_success_total{model_name="gpt-4",finished_reason="abort"}"#)
                == 24)
    }

    @Test func `a client that closes as soon as it has read the end has not left`() throws {
        let server = try TestServer(.socket)
        for _ in 0..<40 {
            let client = try server.connect()
            client.send(
                RawClient.request(
                    "POST", "/v1/chat/completions",
                    body: chat(#""stream":true,"n":2,"ignore_eos":true"#).replacing("12", with: "2")))
            try client.read(until: "[DONE]")
            client.abort()
        }
        let finished = #"vllm:request_success_total{model_name="gpt-4",finished_reason="#
        #expect(try server.eventually { try server.metric(finished + #""length"}"#) == 80 })
        #expect(try server.metric(finished + #""abort"}"#) == nil)
    }

    @Test func `a client that leaves while it waits for a whole answer is noticed`() throws {
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(5)) }
        let client = try server.connect()
        client.send(
            RawClient.request(
                "POST", "/v1/chat/completions",
                body: chat(#""logit_bias":{"2":-100}"#).replacing("12", with: "400")))
        #expect(try server.eventually { (try Self.blocksInUse(server) ?? 0) > 0 })
        client.abort()
        #expect(try server.eventually { try Self.blocksInUse(server) == 0 })
    }

    @Test func `malformed requests do not affect other clients`() throws {
        let server = try TestServer(.socket) { $0.http.maximumBody = 10_000 }
        let alone = try server.send("POST", "/v1/chat/completions", chat(model: "gpt-4:per-sequence")).content
        let garbage = [
            "\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n",
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
            "GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nX: \(String(repeating: "b", count: 200_000))\r\n\r\n",
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            RawClient.request("POST", "/v1/chat/completions", body: "\u{0}\u{0}"),
        ]
        let strangers = try garbage.map { text in
            let client = try server.connect()
            client.send(text)
            return client
        }
        let crowded = try server.send("POST", "/v1/chat/completions", chat(model: "gpt-4:per-sequence"))
            .content
        #expect(alone == crowded && alone != nil)
        for client in strangers { client.abort() }
        #expect(try server.send("GET", "/health").status == 200)
    }

    @Test func `a body beyond the limit is 413, with a length or in chunks`() throws {
        let server = try TestServer(.socket) { $0.http.maximumBody = 1_000 }
        let large = String(repeating: "x", count: 2_000)
        #expect(try server.send("POST", "/v1/chat/completions", large).status == 413)
        let client = try server.connect()
        client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("7d0\r\n\(large)\r\n0\r\n\r\n")
        let response = try client.response()
        #expect(response.status == 413)
        #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
        #expect(response.headers["x-request-id"] != nil)
    }

    @Test func `a connection that never says what it wants is closed`() throws {
        let server = try TestServer(.socket) { $0.http.headTimeout = .milliseconds(300) }
        let client = try server.connect()
        client.send("POST /v1/chat")
        #expect(client.readToEnd().isEmpty)
        #expect(try server.send("GET", "/health").status == 200)
    }

    @Test func `stopping lets answers in flight finish`() throws {
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(10)) }
        let client = try server.connect()
        client.send(RawClient.request("POST", "/v1/chat/completions", body: chat()))
        #expect(try server.eventually { (try Self.blocksInUse(server) ?? 0) > 0 })
        server.service.stop(deadline: .seconds(20))
        #expect(try client.response().status == 200)
    }

    @Test func `stopping at once ends what waits and what streams with an error`() throws {
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(10)) }
        let clients = try ["", #""stream":true"#].map { fields in
            let client = try server.connect()
            client.send(
                RawClient.request(
                    "POST", "/v1/chat/completions", body: chat(fields).replacing("12", with: "400")))
            return client
        }
        #expect(
            try server.eventually {
                try server.metric(#"vllm:num_requests_running{model_name="gpt-4"}"#) == 2
            })
        let start = ContinuousClock.now
        server.service.stop(deadline: .zero)
        #expect(ContinuousClock.now - start < .seconds(5))
        let waiting = try clients[0].response()
        #expect(waiting.status == 503)
        #expect(waiting.error["code"] as? String == "shutting_down")
        let stream = try clients[1].response().text
        #expect(stream.hasSuffix("data: [DONE]\n\n"))
        #expect(stream.contains(#""code":"shutting_down""#))
        #expect(!stream.contains(#""finish_reason":"stop""#))
    }

    @Test(arguments: [false, true], [false, true])
    func `a request that takes too long is ended, and frees its blocks`(
        isStreamed: Bool, isOwnLimit: Bool
    ) throws {
        let server = try TestServer(.socket) {
            $0.engine.pace = Pace(perStep: .milliseconds(10))
            $0.http.requestTimeout = isOwnLimit ? .seconds(60) : .milliseconds(200)
        }
        let limit = isOwnLimit ? #""timeout":0.2,"# : ""
        let body = chat(limit + #""ignore_eos":true,"stream":\#(isStreamed)"#).replacing("12", with: "400")
        let response = try server.send("POST", "/v1/chat/completions", body)
        if isStreamed {
            #expect(response.status == 200)
            let events = response.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }
            #expect(events.last == "data: [DONE]")
            #expect(events.dropLast().last?.contains(#""code":"timeout""#) == true)
            #expect(events.filter { $0.contains(#""error""#) }.count == 1)
        } else {
            #expect(response.status == 504)
            #expect(response.error["code"] as? String == "timeout")
            #expect(response.error["type"] as? String == "server_error")
            #expect(response.headers["x-should-retry"] == "false")
        }
        #expect(try server.eventually { try Self.blocksInUse(server) == 0 })
        let timeouts = #"vllm:request_success_total{model_name="gpt-4",finished_reason="timeout"}"#
        #expect(try server.metric(timeouts) == 1)
    }

    @Test func `embeddings that take too long are ended too`() throws {
        let server = try TestServer(.socket) {
            $0.engine.pace = Pace(perStep: .milliseconds(400))
        }
        let inputs = Array(repeating: "\"Once\"", count: 40).joined(separator: ",")
        let response = try server.send(
            "POST", "/v1/embeddings", #"{"model":"gpt-4","timeout":0.05,"input":[\#(inputs)]}"#)
        #expect(response.status == 504)
        #expect(response.error["code"] as? String == "timeout")
    }

    @Test func `completions say how much room there is`() throws {
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(5)) }
        let client = try server.connect()
        client.send(
            RawClient.request(
                "POST", "/v1/chat/completions",
                body: chat(#""n":3,"stream":true,"logit_bias":{"2":-100}"#).replacing("12", with: "100")))
        try client.read(until: "data: ")
        let running = #"vllm:num_requests_running{model_name="gpt-4"}"#
        #expect(try server.eventually { try server.metric(running) == 3 })
        let other = try server.connect()
        other.send(RawClient.request("POST", "/v1/chat/completions", body: chat(#""stream":true"#)))
        let headers = try other.response().headers
        let blocks = try #require(try server.metric(#"jostle:kv_blocks{model_name="gpt-4"}"#))
        #expect(headers["x-ratelimit-limit-requests"] == "1032")
        #expect(headers["x-ratelimit-remaining-requests"] == "1028")
        #expect(headers["x-ratelimit-reset-requests"] == "1s")
        #expect(headers["x-ratelimit-limit-tokens"] == "\(Int(blocks) * 16)")
        #expect(Int(headers["x-ratelimit-remaining-tokens"] ?? "") ?? .max < Int(blocks) * 16)
        #expect(headers["x-ratelimit-reset-tokens"] == "1s")
    }

    @Test func `HEAD, OPTIONS, health, models and metrics answer`() throws {
        let server = try TestServer(.socket)
        let client = try server.connect()
        client.send("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(String(decoding: client.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
        let options = try server.send("OPTIONS", "/v1/completions")
        #expect(options.status == 204)
        #expect(options.headers["allow"] == "POST, OPTIONS")
        let models = try server.send("GET", "/v1/models").json["data"] as? [[String: Any]]
        #expect(
            models?.compactMap { $0["id"] as? String } == [
                "gpt-4", "gpt-3.5-turbo", "text-davinci-003", "text-davinci-001", "davinci-instruct-beta",
                "davinci",
            ])
        #expect(try server.send("GET", "/v1/models/gpt-4:dropless").json["id"] as? String == "gpt-4:dropless")
    }

    @Test func `an address in use is refused with what to do`() throws {
        let server = try TestServer(.socket)
        let port = server.service.port
        let error = #expect(throws: ServiceError.self) {
            _ = try TestServer(.socket) { $0.http.port = port }
        }
        #expect(error?.kind == .address)
        for words in ["port \(port)", "Address already in use"] {
            #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        }
        #expect(error?.description.contains("try another --port") == true)
    }
}
