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
        private let stream = Locked<TokenStream?>(nil)

        func makeStream() -> TokenStream {
            let stream = TokenStream { [self] in
                let news = self.stream.withLock { $0 }?.drain().map(\.event) ?? []
                events.withLock { $0.append(contentsOf: news) }
                events.signal()
            }
            self.stream.withLock { $0 = stream }
            return stream
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

    @Test func `the thread gives what the engine gives`() throws {
        let model = try Checkpoints.sparse()
        let thread = try EngineThread(model: model, options: .small, rule: .default)
        let listener = Listener()
        let request = try GenerationRequest.make(maximumTokens: 10)
        _ = try thread.submit(request, to: listener.makeStream())
        #expect(Self.tokens(listener.waitForEnd()) == run([Arrival(request)], on: model)[0].tokens)
        thread.stop()
    }

    @Test(.timeLimit(.minutes(1))) func `a cancelled sequence ends at once and frees its blocks`() throws {
        let steps = Locked<[Step]>([])
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: .small, rule: .default) {
            step, _ in
            steps.withLock { $0.append(step) }
        }
        let listener = Listener()
        let id = try thread.submit(try .make(maximumTokens: 400), to: listener.makeStream())
        _ = listener.wait { $0.count > 3 }
        thread.cancel(id)
        guard case .finished(.cancelled, _) = listener.waitForEnd().last else {
            Issue.record("not cancelled")
            return
        }
        let second = Listener()
        _ = try thread.submit(try .make(maximumTokens: 1), to: second.makeStream())
        _ = second.waitForEnd()
        let last = try #require(steps.withLock { $0.last })
        #expect(last.freeBlocks == last.totalBlocks)
        thread.stop()
    }

    @Test(.timeLimit(.minutes(1))) func `a full queue refuses, and stopping ends all that wait`() throws {
        var options = EngineOptions.small
        options.sizes.maximumRunning = 1
        options.sizes.maximumQueued = 3
        options.sizes.pace = Pace(perStep: .milliseconds(20))
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: options, rule: .default)
        let first = Listener()
        _ = try thread.submit(try .make(maximumTokens: 400), to: first.makeStream())
        _ = first.wait { !$0.isEmpty }
        let waiting = (0..<3).map { _ in Listener() }
        for listener in waiting { _ = try thread.submit(try .make(), to: listener.makeStream()) }
        #expect(throws: EngineRefusal.queueFull(limit: 3)) {
            _ = try thread.submit(try .make(), to: Listener().makeStream())
        }
        thread.stop()
        for listener in waiting + [first] {
            guard case .finished(.cancelled, _) = listener.waitForEnd().last else {
                Issue.record("a waiting sequence did not end")
                return
            }
        }
        #expect(throws: EngineRefusal.shuttingDown) {
            _ = try thread.submit(try .make(), to: Listener().makeStream())
        }
    }

    @Test func `a pace makes each step last`() throws {
        var options = EngineOptions.small
        options.sizes.pace = Pace(perStep: .milliseconds(5), perToken: .milliseconds(1))
        let thread = try EngineThread(model: try Checkpoints.sparse(), options: options, rule: .default)
        let listener = Listener()
        let start = ContinuousClock.now
        _ = try thread.submit(try .make(prompt: [5, 6, 7], maximumTokens: 5), to: listener.makeStream())
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
