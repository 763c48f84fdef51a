import Engine
import ExpertRouting
import Testing
import TestSupport
import Threads
import Tokenizers
import Transformer

@Suite struct EngineThreadTests {
    /// Collects one sequence's events and lets a test wait for its end.
    private final class Listener: Sendable {
        private let events = Locked<[GenerationEvent]>([])
        /// Takes what the thread tells.
        func receive(_ news: [TimedEvent]) {
            events.withLock { $0 += news.map(\.event) }
            events.signal()
        }

        /// Waits until `ready` holds of the events so far, and returns them.
        func wait(until ready: ([GenerationEvent]) -> Bool) -> [GenerationEvent] {
            events.wait(until: ready) { $0 }
        }

        func waitForEnd() -> [GenerationEvent] {
            wait { if case .finished = $0.last { true } else { false } }
        }
    }

    private static func tokens(_ events: [GenerationEvent]) -> [TokenID] {
        events.compactMap { if case .token(let token) = $0 { token.token } else { nil } }
    }

    @Test func `the thread gives the same tokens as the engine`() throws {
        let model = try Checkpoints.sparse()
        let thread = try EngineThread(model: model, options: .small, rule: .default)
        let listener = Listener()
        let request = try GenerationRequest.make(maximumTokens: 10)
        _ = try thread.submit(request, receive: listener.receive)
        #expect(Self.tokens(listener.waitForEnd()) == run([Arrival(request)], on: model)[0].tokens)
        thread.stop()
    }

    @Test(.timeLimit(.minutes(1))) func `a cancelled sequence ends at once and frees its blocks`() throws {
        let last = Locked<EngineOccupancy?>(nil)
        let thread = try EngineThread(
            model: try Checkpoints.sparse(), options: .small, rule: .default,
            readers: EngineReaders { record in last.withLock { $0 = record.occupancy } })
        let listener = Listener()
        let id = try thread.submit(try .make(maximumTokens: 400), receive: listener.receive)
        _ = listener.wait { $0.count > 3 }
        thread.cancel(id)
        guard case .finished(.cancelled, _) = listener.waitForEnd().last else {
            Issue.record("not cancelled")
            return
        }
        let second = Listener()
        _ = try thread.submit(try .make(maximumTokens: 1), receive: second.receive)
        _ = second.waitForEnd()
        #expect(last.withLock { $0 } == thread.emptyOccupancy)
        thread.stop()
    }

    @Test(.timeLimit(.minutes(1))) func `a full queue refuses, and stopping ends all that wait`() throws {
        var options = EngineOptions.small
        options.sizes.maximumRunning = 1
        options.sizes.maximumQueued = 3
        options.sizes.pace = Pace(perStep: .milliseconds(20))
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: options, rule: .default)
        let first = Listener()
        _ = try thread.submit(try .make(maximumTokens: 400), receive: first.receive)
        _ = first.wait { !$0.isEmpty }
        let waiting = (0..<3).map { _ in Listener() }
        for listener in waiting { _ = try thread.submit(try .make(), receive: listener.receive) }
        #expect(throws: EngineRefusal.queueFull(limit: 3)) {
            _ = try thread.submit(try .make(), receive: Listener().receive)
        }
        thread.stop()
        for listener in waiting + [first] {
            guard case .finished(.cancelled, _) = listener.waitForEnd().last else {
                Issue.record("a waiting sequence did not end")
                return
            }
        }
        #expect(throws: EngineRefusal.shuttingDown) {
            _ = try thread.submit(try .make(), receive: Listener().receive)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `tokens leave before a step is counted, endings after it`() throws {
        let order = Locked<[String]>([])
        let hasEnded = Locked(false)
        let thread = try EngineThread(
            model: try Checkpoints.sparse(), options: .small, rule: .default,
            readers: EngineReaders(
                observe: { record in order.withLock { $0.append("counted \(record.step?.number ?? -1)") } },
                onDelivery: { isLast in order.withLock { $0.append("delivered \(isLast)") } }))
        _ = try thread.submit(try .make(maximumTokens: 2)) { events in
            for event in events {
                switch event.event {
                case .token: order.withLock { $0.append("token") }
                case .finished: order.withLock { $0.append("end") }
                case .prompt, .embedding: break
                }
            }
            guard case .finished = events.last?.event else { return }
            hasEnded.withLock { $0 = true }
            hasEnded.signal()
        }
        hasEnded.wait {
            $0
        } then: { _ in
        }
        thread.stop()
        #expect(
            order.withLock { $0 } == [
                "token", "delivered true", "counted 0", "delivered false", "counted 1", "token", "end",
                "delivered true", "counted -1",
            ])
    }

    @Test(.timeLimit(.minutes(1)))
    func `the record has every command, step and ending once, in order`() throws {
        let records = Locked<[EngineRecord]>([])
        let thread = try EngineThread(
            model: try Checkpoints.sparse(), options: .small, rule: .default,
            readers: EngineReaders(details: [.shares]) { record in records.withLock { $0.append(record) } })
        let short = Listener()
        let long = Listener()
        let first = try thread.submit(try .make(maximumTokens: 3), receive: short.receive)
        let second = try thread.submit(try .make(maximumTokens: 400), receive: long.receive)
        _ = short.waitForEnd()
        thread.cancel(second)
        _ = long.waitForEnd()
        thread.stop()
        let record = records.withLock { $0 }
        let commands = record.flatMap(\.commands).map { command in
            switch command {
            case .submit(let id, _, _): "submit \(id.rawValue)"
            case .cancel(let id): "cancel \(id.rawValue)"
            }
        }
        #expect(
            commands == [
                "submit \(first.rawValue)", "submit \(second.rawValue)", "cancel \(second.rawValue)",
            ])
        let steps = record.compactMap(\.step)
        #expect(steps.map(\.number) == Array(0..<steps.count))
        let endings = record.flatMap { $0.endings + ($0.step?.emissions ?? []) }.filter {
            if case .finished = $0.event { true } else { false }
        }
        #expect(endings.map(\.id) == [first, second])
    }

    @Test(.timeLimit(.minutes(1))) func `a receiver is released with the last event`() throws {
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: .small, rule: .default)
        weak var listener: Listener?
        do {
            let one = Listener()
            listener = one
            _ = try thread.submit(try .make(maximumTokens: 3)) { [one] in one.receive($0) }
            _ = one.waitForEnd()
        }
        // The record that released it has been delivered whole when the next one's end is.
        let next = Listener()
        _ = try thread.submit(try .make(maximumTokens: 1), receive: next.receive)
        _ = next.waitForEnd()
        #expect(listener == nil)
        thread.stop()
    }

    @Test func `the receiver of a refused request is released`() throws {
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: .small, rule: .default)
        thread.stop()
        weak var listener: Listener?
        do {
            let one = Listener()
            listener = one
            #expect(throws: EngineRefusal.shuttingDown) {
                _ = try thread.submit(try .make(maximumTokens: 3)) { [one] in one.receive($0) }
            }
        }
        #expect(listener == nil)
    }

    @Test func `a pace makes each step last`() throws {
        var options = EngineOptions.small
        options.sizes.pace = Pace(perStep: .milliseconds(5), perToken: .milliseconds(1))
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: options, rule: .default)
        let listener = Listener()
        let start = ContinuousClock.now
        _ = try thread.submit(try .make(prompt: [5, 6, 7], maximumTokens: 5), receive: listener.receive)
        _ = listener.waitForEnd()
        // Five steps; all but the last are paced before the end is told: 4 × 5 ms, and 3 + 1 + 1 + 1 tokens.
        #expect(ContinuousClock.now - start >= .milliseconds(26))
        thread.stop()
    }

    @Test func `a rule whose groups do not fit into a step is refused`() throws {
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: .small, rule: .default)
        var rule = RoutingRule.default
        rule.groupSize = 512
        #expect(throws: UnsuitableRule(groupSize: 512, stepTokens: 512, neededStepTokens: 528)) {
            try thread.adopt(rule)
        }
        rule.groupSize = 32
        try thread.adopt(rule)
        #expect(thread.rule == rule)
        thread.stop()
    }
}
