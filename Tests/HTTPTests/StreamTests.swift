import Foundation
import TestSupport
import Testing
import Threads

@testable import HTTP

@Suite(.timeLimit(.minutes(2))) struct `Streams of a daemon` {
    /// Streams what the test gives it, to whoever asks.
    private final class Streamer: HTTPResponder {
        let exchange = Locked<HTTPExchange?>(nil)
        let isCancelled = Locked(false)

        func verdict(on head: HTTPHead) -> HTTPVerdict { .read(upTo: 0) }

        func respond(to request: HTTPRequest, _ exchange: any AnswerSink) {
            exchange.onCancel { [isCancelled] in isCancelled.withLock { $0 = true } }
            exchange.beginStream(status: 200, headers: [])
            self.exchange.withLock { $0 = exchange as? HTTPExchange }
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
        let daemon = try HTTPDaemon(options, responder: streamer)
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
}
