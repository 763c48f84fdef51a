import Engine
import ExpertRouting
import Glibc
import TestSupport
import Testing
import Threads
import Tokenizers

/// Each accepted request ends with exactly one `finished`.
///
/// Each refused request gets an error that says why.
@Suite struct `Contract 8: nothing is lost` {
    /// The events of every accepted request, by number, in the order of acceptance.
    private final class Ledger: Sendable {
        private struct State {
            var events: [[GenerationEvent]] = []
            var isOverdue = false
        }

        private let state = Locked(State())

        /// Waits end after a minute, so that a lost request is a failure and no hang.
        init() {
            startThread { [self] in
                sleep(60)
                state.withLock { $0.isOverdue = true }
                state.signal()
            }
        }

        /// Returns the request's number and the engine's id of it; a refused request leaves no entry.
        func submit(
            _ request: GenerationRequest, to thread: EngineThread
        ) throws(EngineRefusal) -> (number: Int, id: SequenceID) {
            let number = state.withLock { state in
                state.events.append([])
                return state.events.count - 1
            }
            let receive: EventReceiver = { [self] news in
                state.withLock { $0.events[number] += news.map(\.event) }
                state.signal()
            }
            do throws(EngineRefusal) {
                return (number, try thread.submit(request, receive: receive))
            } catch {
                let heard = state.withLock { $0.events.remove(at: number) }
                #expect(heard.isEmpty, "a refused request got events")
                throw error
            }
        }

        /// Waits until `ready` holds, or the time is up, then returns all events so far.
        @discardableResult
        func wait(until ready: ([[GenerationEvent]]) -> Bool = { _ in true }) -> [[GenerationEvent]] {
            state.wait {
                $0.isOverdue || ready($0.events)
            } then: {
                $0.events
            }
        }

        /// Checks that each accepted request ended with exactly one `finished`, as its last event.
        func expectOneEndEach(_ location: SourceLocation = #_sourceLocation) {
            for (number, events) in wait().enumerated() {
                #expect(events.count(where: \.isEnd) == 1, "request \(number)", sourceLocation: location)
                #expect(events.last?.isEnd == true, "request \(number)", sourceLocation: location)
            }
        }
    }

    /// Prompts of 90 tokens and completions of 60 need ten KV blocks each: four of them do not fit into 32 blocks.
    private static func request(_ number: Int, tokens: Int = 60) throws -> GenerationRequest {
        try .make(prompt: Prompts.random(count: 90, seed: UInt64(number)), maximumTokens: tokens)
    }

    private static func thread(
        running: Int = 4, queued: Int = 64, pace: Duration = .zero
    ) throws -> EngineThread {
        var options = EngineOptions.small
        options.sizes.maximumRunning = running
        options.sizes.maximumQueued = queued
        options.sizes.cacheBlocks = 32
        options.sizes.pace = Pace(perStep: pace)
        return try EngineThread(model: try Checkpoints.sparse(), options: options, rule: .default)
    }

    @Test func `requests that wait, are preempted or are cancelled end once each`() throws {
        let thread = try Self.thread()
        let ledger = Ledger()
        for index in 0..<24 {
            let (number, id) = try ledger.submit(try Self.request(index), to: thread)
            switch index % 4 {
            case 2: thread.cancel(id)
            case 3:
                ledger.wait { !$0[number].isEmpty }
                thread.cancel(id)
                thread.cancel(id)
            default: break
            }
        }
        let events = ledger.wait { $0.allSatisfy { $0.contains(where: \.isEnd) } }
        thread.stop()
        ledger.expectOneEndEach()
        #expect(events.contains { ($0.last?.summary?.preemptions ?? 0) > 0 }, "nothing was preempted")
        for (number, events) in events.enumerated() where number % 4 < 2 {
            #expect(events.count == 61, "request \(number) has lost tokens")
            #expect(events.last?.reason == .length, "request \(number)")
        }
        for number in stride(from: 2, to: 24, by: 4) {
            #expect(events[number].last?.reason == .cancelled, "request \(number)")
        }
    }

    @Test func `a stop ends what runs, what waits and what is just arriving`() throws {
        let thread = try Self.thread(pace: .milliseconds(1))
        let ledger = Ledger()
        let (first, _) = try ledger.submit(try Self.request(0, tokens: 400), to: thread)
        let request = try Self.request(1)
        let refusal = Locked<EngineRefusal?>(nil)
        startThread {
            var last: EngineRefusal?
            while last != .shuttingDown {
                do throws(EngineRefusal) {
                    _ = try ledger.submit(request, to: thread)
                } catch {
                    last = error
                    sched_yield()
                }
            }
            refusal.withLock { $0 = last }
            refusal.signal()
        }
        ledger.wait { !$0[first].isEmpty && $0.count > 20 }
        thread.stop()
        #expect(
            refusal.wait {
                $0 != nil
            } then: {
                $0
            } == .shuttingDown)
        ledger.expectOneEndEach()
        #expect(ledger.wait()[first].last?.reason == .cancelled)
    }

    @Test func `a full queue refuses with its limit and disturbs no other request`() throws {
        let thread = try Self.thread(running: 1, queued: 2, pace: .milliseconds(2))
        let ledger = Ledger()
        let (first, _) = try ledger.submit(try Self.request(0), to: thread)
        ledger.wait { !$0[first].isEmpty }
        for index in 1...2 { _ = try ledger.submit(try Self.request(index), to: thread) }
        for index in 3...5 {
            #expect(throws: EngineRefusal.queueFull(limit: 2)) {
                _ = try ledger.submit(try Self.request(index), to: thread)
            }
        }
        let events = ledger.wait { $0.allSatisfy { $0.contains(where: \.isEnd) } }
        thread.stop()
        ledger.expectOneEndEach()
        #expect(events.map(\.count) == [61, 61, 61])
        #expect(throws: EngineRefusal.shuttingDown) {
            _ = try ledger.submit(try Self.request(6), to: thread)
        }
    }

    @Test func `the longest request that fits is completed, one token more is refused with the numbers`()
        throws
    {
        let longest = try GenerationRequest.make(
            prompt: Prompts.random(count: 500, seed: 1), maximumTokens: 12)
        var options = EngineOptions.small
        options.sizes.cacheBlocks = 1
        let transcript = run([Arrival(longest)], on: try Checkpoints.sparse(), options: options)[0]
        #expect(transcript.tokens.count == 12)
        #expect(transcript.finish == .length)
        #expect(throws: InvalidRequest.tooLong(promptTokens: 500, maximumTokens: 13, contextLength: 512)) {
            try GenerationRequest.make(prompt: longest.prompt, maximumTokens: 13)
        }
        #expect(throws: InvalidRequest.tokenOutOfRange(2048, vocabularySize: 2048)) {
            try GenerationRequest.make(prompt: [1, 2048])
        }
    }
}

extension GenerationEvent {
    fileprivate var isEnd: Bool { reason != nil }

    fileprivate var reason: FinishReason? {
        if case .finished(let reason, _) = self { reason } else { nil }
    }

    fileprivate var summary: GenerationSummary? {
        if case .finished(_, let summary) = self { summary } else { nil }
    }
}
