import ExpertRouting
import Testing
import TestSupport
import Transformer
@testable import Engine

@Suite struct SchedulerTests {
    private static func scheduler(stepTokens: Int = 100, running: Int = 4, blocks: Int = 40) -> Scheduler {
        Scheduler(stepTokens: stepTokens, maximumRunning: running, blocks: blocks)
    }

    private static func sequence(
        _ id: UInt64, prompt: Int, groupSize: Int = 32, generate: Int = 10, priority: Int = 0
    ) throws -> LiveSequence {
        var rule = RoutingRule.default
        rule.groupSize = groupSize
        let request = try GenerationRequest(
            prompt: Prompts.random(count: prompt, seed: id), maximumTokens: generate,
            isolation: .crossSequence, priority: priority,
            limits: EngineLimits(contextLength: 512, vocabularySize: 2048))
        return LiveSequence(id: SequenceID(rawValue: id), request: request, rule: rule)
    }

    /// Runs the scheduled shares as if each due sequence had generated a token.
    private static func run(_ scheduler: inout Scheduler) -> [[Int]] {
        let shares = scheduler.schedule().shares
        for share in shares {
            scheduler.update(share.index) { sequence in
                if sequence.advance(by: share.length) { _ = sequence.append(5) }
            }
        }
        return shares.map { [Int(scheduler.running[$0.index].id.rawValue), $0.length] }
    }

    @Test(arguments: [
        // prompt, computed, budget, group size → tokens computed next
        (100, 0, 200, 32, 100), (100, 0, 99, 32, 96), (100, 0, 95, 32, 64), (100, 0, 31, 32, 0),
        (100, 64, 35, 32, 32), (100, 64, 36, 32, 36), (32, 0, 32, 32, 32), (1, 0, 1, 32, 1),
    ])
    func `a prompt is cut at multiples of the group size`(
        prompt: Int, computed: Int, budget: Int, groupSize: Int, expected: Int
    ) throws {
        var sequence = try Self.sequence(1, prompt: prompt, groupSize: groupSize)
        sequence.computedCount = computed
        #expect(sequence.chunkLength(budget: budget) == expected)
    }

    @Test func `generated tokens are recomputed in any pieces`() throws {
        var sequence = try Self.sequence(1, prompt: 40, generate: 50)
        for _ in 0..<30 { _ = sequence.append(9) }
        #expect(sequence.chunkLength(budget: 53) == 53)
        #expect(sequence.chunkLength(budget: 39) == 32)
    }

    @Test func `of those that wait, the lowest priority goes first, and equals as they came`() throws {
        var scheduler = Self.scheduler(running: 2)
        for (id, priority) in [(1, 0), (2, 5), (3, 0), (4, -1), (5, 5)] as [(UInt64, Int)] {
            scheduler.enqueue(try Self.sequence(id, prompt: 8, generate: 1, priority: priority))
        }
        var order: [Int] = []
        while !scheduler.isIdle {
            for ran in Self.run(&scheduler) {
                order.append(ran[0])
                _ = scheduler.remove(SequenceID(rawValue: UInt64(ran[0])))
            }
        }
        #expect(order == [4, 1, 3, 2, 5])
    }

    @Test func `sequences run in the order they came`() throws {
        var scheduler = Self.scheduler()
        for id in 1...3 { scheduler.enqueue(try Self.sequence(UInt64(id), prompt: 30)) }
        #expect(Self.run(&scheduler) == [[1, 30], [2, 30], [3, 30]])
        #expect(Self.run(&scheduler) == [[1, 1], [2, 1], [3, 1]])
    }

    @Test func `a long prompt shares steps with the sequences before it`() throws {
        var scheduler = Self.scheduler(stepTokens: 50)
        scheduler.enqueue(try Self.sequence(1, prompt: 10))
        scheduler.enqueue(try Self.sequence(2, prompt: 70))
        #expect(Self.run(&scheduler) == [[1, 10], [2, 32]])
        #expect(Self.run(&scheduler) == [[1, 1], [2, 38]])
        #expect(Self.run(&scheduler) == [[1, 1], [2, 1]])
    }

    @Test func `no more sequences run than may`() throws {
        var scheduler = Self.scheduler(running: 2)
        for id in 1...3 { scheduler.enqueue(try Self.sequence(UInt64(id), prompt: 5)) }
        #expect(Self.run(&scheduler).count == 2)
        #expect(scheduler.waiting.count == 1)
        _ = scheduler.remove(SequenceID(rawValue: 1))
        #expect(Self.run(&scheduler) == [[2, 1], [3, 5]])
    }

    @Test func `the latest comer is preempted, waits at the head, and starts anew`() throws {
        var scheduler = Self.scheduler(blocks: 4)
        scheduler.enqueue(try Self.sequence(1, prompt: 31, generate: 40))
        scheduler.enqueue(try Self.sequence(2, prompt: 31, generate: 40))
        scheduler.enqueue(try Self.sequence(3, prompt: 5))
        #expect(Self.run(&scheduler) == [[1, 31], [2, 31]])
        #expect(Self.run(&scheduler) == [[1, 1], [2, 1]])
        let (shares, preemptions) = scheduler.schedule()
        #expect(shares.count == 1 && preemptions == 1)
        #expect(scheduler.waiting.map(\.id.rawValue) == [2, 3])
        #expect(scheduler.waiting.first?.computedCount == 0)
        #expect(scheduler.waiting.first?.tokens.count == 33)
        #expect(scheduler.waiting.first?.summary.preemptions == 1)
    }

    @Test func `sequences of different rules join the same step`() throws {
        var scheduler = Self.scheduler()
        scheduler.enqueue(try Self.sequence(1, prompt: 5, groupSize: 32))
        scheduler.enqueue(try Self.sequence(2, prompt: 5, groupSize: 16))
        #expect(Self.run(&scheduler) == [[1, 5], [2, 5]])
        #expect(Self.run(&scheduler) == [[1, 1], [2, 1]])
        _ = scheduler.remove(SequenceID(rawValue: 1))
        #expect(Self.run(&scheduler) == [[2, 1]])
    }

    @Test func `every block comes back`() throws {
        var scheduler = Self.scheduler(stepTokens: 60, blocks: 12)
        var generator = SplitMix64(seed: 3)
        var live: Set<UInt64> = []
        for id in 0..<200 as Range<UInt64> {
            scheduler.enqueue(
                try Self.sequence(id, prompt: Int.random(in: 1..<90, using: &generator), generate: 90))
            live.insert(id)
            for _ in 0..<Int.random(in: 0..<6, using: &generator) { _ = Self.run(&scheduler) }
            if let gone = live.randomElement(using: &generator) {
                #expect(scheduler.remove(SequenceID(rawValue: gone)) != nil)
                live.remove(gone)
            }
            let held = scheduler.running.reduce(0) { $0 + $1.blocks.count }
            #expect(held + scheduler.blocks.freeCount == 12)
            #expect(Set(scheduler.running.flatMap(\.blocks)).count == held, "no block has two owners")
        }
        for id in live { _ = scheduler.remove(SequenceID(rawValue: id)) }
        #expect(scheduler.isIdle)
        #expect(scheduler.blocks.freeCount == 12)
    }
}
