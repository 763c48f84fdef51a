import Engine
import ExpertRouting
import TestSupport
import Testing
import Threads

@testable import Server

@Suite struct `Receiving a sequence` {
    private final class Listener: Sendable {
        let hasEnded = Locked(false)

        func hear(_ events: [TimedEvent]) {
            guard case .finished? = events.last?.event else { return }
            hasEnded.withLock { $0 = true }
            hasEnded.signal()
        }
    }

    private static func request(for engine: EngineThread) throws -> GenerationRequest {
        try GenerationRequest(
            prompt: [5, 6], maximumTokens: 3, isolation: .perSequence, limits: engine.limits)
    }

    @Test func `whoever listened is let go of with the last event`() throws {
        let server = try TestServer()
        let engine = server.service.models.all[0].engine
        weak var listener: Listener?
        do {
            let one = Listener()
            listener = one
            _ = try engine.submit(Self.request(for: engine)) { [one] in one.hear($0) }
            one.hasEnded.wait {
                $0
            } then: { _ in
            }
        }
        #expect(server.eventually { listener == nil })
    }

    @Test func `whoever was refused is let go of`() throws {
        let server = try TestServer()
        let engine = server.service.models.all[0].engine
        engine.stop()
        weak var listener: Listener?
        do {
            let one = Listener()
            listener = one
            #expect(throws: EngineRefusal.shuttingDown) {
                _ = try engine.submit(Self.request(for: engine)) { [one] in one.hear($0) }
            }
        }
        #expect(listener == nil)
    }
}
