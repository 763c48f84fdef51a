import Engine
import Foundation
import Logging
import Testing
import TestSupport
import Threads
@testable import HTTP
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

    @Test func `a client that does not read slows nobody, and is cut off at the limit`() throws {
        let server = try TestServer {
            $0.http.maximumUnread = 256 << 10
            // The limit is reached after some hundred steps, so others are under way meanwhile.
            $0.engine.pace = Pace(perStep: .milliseconds(2))
        }
        let stuck = try server.connect(receiveBuffer: 4_096)
        stuck.send(Self.endless(choices: 4, tokens: 2_000))
        let engine = server.service.models[0].metrics
        #expect(server.eventually { engine.current.running == 4 })
        let others = try (0..<4).map { _ in
            let client = try server.connect()
            client.send(RawClient.request("POST", "/v1/chat/completions", body: chat(#""stream":true"#)))
            return client
        }
        for client in others { #expect(try client.response().text.hasSuffix("data: [DONE]\n\n")) }
        #expect(try server.eventually { try Self.aborts(server) == 4 })
        #expect(server.eventually { engine.current.freeBlocks == engine.current.totalBlocks })
    }

    /// Streams what the test gives it, to whoever asks.
    private final class Streamer: HTTPHandler {
        let exchange = Locked<HTTPExchange?>(nil)
        let isCancelled = Locked(false)

        func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
            exchange.onCancel { [isCancelled] in isCancelled.withLock { $0 = true } }
            exchange.beginStream(status: 200, headers: [])
            self.exchange.withLock { $0 = exchange }
            self.exchange.signal()
        }

        /// The exchange of a request that `client` makes.
        func exchange(with client: RawClient) -> HTTPExchange {
            client.send(RawClient.request("GET", "/"))
            return exchange.wait {
                $0 != nil
            } then: {
                $0.unsafelyUnwrapped
            }
        }
    }

    private static func holds(within time: Duration, _ condition: () -> Bool) -> Bool {
        let end = ContinuousClock.now + time
        while !condition() {
            if ContinuousClock.now > end { return false }
            sched_yield()
        }
        return true
    }

    @Test func `what waits for a client that does not read is bounded, and its connection is closed`() throws
    {
        let streamer = Streamer()
        var options = HTTPOptions()
        options.port = 0
        options.maximumUnread = 100_000
        let daemon = try HTTPDaemon(
            options, handler: streamer, resumptions: ResumeQueue(),
            refusals: RefusalLog(logger: Logger(label: "test")), logger: Logger(label: "test"),
            describe: { _ in HTTPResponse(status: 400) })
        let client = try RawClient(port: daemon.port, receiveBuffer: 4_096)
        let exchange = streamer.exchange(with: client)
        // Until the kernel takes no more for a client that reads nothing.
        repeat {
            exchange.write([UInt8](repeating: 120, count: 50_000))
            exchange.flush()
        } while Self.holds(within: .milliseconds(300)) { exchange.state.withLock { $0.pending.count } == 0 }
        #expect(!streamer.isCancelled.withLock { $0 })
        let piece = [UInt8](repeating: 120, count: 1_000)
        var pieces = 0
        var mostWaiting = 0
        while !streamer.isCancelled.withLock({ $0 }), pieces < 100_000 {
            exchange.write(piece)
            exchange.flush()
            pieces += 1
            mostWaiting = max(mostWaiting, exchange.state.withLock { $0.pending.count })
        }
        #expect(pieces < 100_000, "never cut off")
        #expect(mostWaiting <= options.maximumUnread + piece.count)
        #expect(exchange.state.withLock { $0.pending.count } == 0)
        // Without the client's reading any of it.
        #expect(Self.holds(within: .seconds(10)) { exchange.state.withLock { $0.isOver } })
        daemon.stop(deadline: .zero)
    }

    @Test func `a client that always lags a little has none of what it has read kept for it`() {
        var buffer = StreamBuffer()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_000, alignment: 1)
        defer { room.deallocate() }
        buffer.append([UInt8](repeating: 1, count: 1_500), knownSince: nil)
        for _ in 0..<1_000 {
            buffer.append([UInt8](repeating: 2, count: 1_000), knownSince: nil)
            #expect(buffer.take(into: room) == 1_000)
            #expect(buffer.count == 1_500 && buffer.keptCount < 5_000)
        }
    }

    @Test func `bytes leave in order, and each mark once its bytes have`() {
        var buffer = StreamBuffer()
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
        defer { room.deallocate() }
        let times = (1...3).map { ContinuousClock.now + .seconds($0) }
        var bytes: [UInt8] = []
        var marks: [Int: [ContinuousClock.Instant]] = [:]
        for (index, time) in times.enumerated() {
            buffer.append([UInt8(4 * index), UInt8(4 * index + 1), 2, 3], knownSince: time)
        }
        while true {
            let count = buffer.take(into: room)
            if count == 0 { break }
            bytes += room[..<count]
            marks[bytes.count] = buffer.takeMarks()
        }
        #expect(bytes == [0, 1, 2, 3, 4, 5, 2, 3, 8, 9, 2, 3])
        #expect(marks == [3: [], 6: [times[0]], 9: [times[1]], 12: [times[2]]])
    }

    /// How a client leaves.
    enum Leaving: CaseIterable { case reset, close }

    @Test(arguments: Leaving.allCases, [true, false])
    func `a disconnect frees its blocks within two steps`(_ leaving: Leaving, isStreamed: Bool) throws {
        // Long enough for the news to reach the engine within the step that it came in.
        let server = try TestServer { $0.engine.pace = Pace(perStep: .milliseconds(100)) }
        let engine = server.service.models[0].metrics
        let client = try server.connect()
        client.send(
            RawClient.request(
                "POST", "/v1/chat/completions",
                body: chat(#""stream":\#(isStreamed),"n":4,"min_tokens":400"#).replacing("12,", with: "400,"))
        )
        #expect(server.eventually { engine.current.running == 4 && engine.current.steps >= 2 })
        let steps = engine.current.steps
        switch leaving {
        case .reset: client.abort()
        case .close: client.hangUp()
        }
        #expect(server.eventually { engine.current.freeBlocks == engine.current.totalBlocks })
        // Without sequences the engine takes no step, and so the count stands where it was then.
        #expect(engine.current.steps - steps <= 2)
        #expect(try Self.aborts(server) == 4)
    }

    @Test func `each chunk's time from its token's sampling to the socket is counted`() throws {
        let server = try TestServer()
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
