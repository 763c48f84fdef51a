import Engine
import ExpertRouting
import TestSupport
import Testing
import Tokenizers
import Transformer

/// A change of the rule while a long stream runs.
@Suite struct `A change of the rule` {
    private static let old = RoutingRule(groupSize: 256, capacity: CapacityRule(factor: 1))
    private static let new = RoutingRule(
        groupSize: 16, capacity: CapacityRule(factor: 0.5), slotPriority: .gate)

    private static func stream() throws -> GenerationRequest { try .make(maximumTokens: 60) }

    private static func newcomers(_ count: Int = 4) throws -> [GenerationRequest] {
        try (0..<count).map {
            try .make(prompt: Prompts.random(count: 30, seed: UInt64($0) + 90), maximumTokens: 20)
        }
    }

    @Test func `lets the newcomer start at once, in the same steps as the old stream`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small, details: [.shares])
        let stream = SequenceID(rawValue: 0)
        let newcomer = SequenceID(rawValue: 1)
        engine.apply(.submit(stream, try Self.stream(), Self.old))
        for _ in 0..<10 { _ = engine.step() }
        engine.apply(.submit(newcomer, try Self.newcomers(1)[0], Self.new))
        let mixed = engine.step()
        let step = try #require(mixed)
        #expect(step.shares.map(\.id) == [stream, newcomer])
        #expect(step.rules == [Self.old, Self.new])
        #expect(step.shares.map { step.rules[$0.rule] } == [Self.old, Self.new])
        #expect(step.mixedGroups == 0)
    }

    @Test func `leaves the old stream's bits as they were`() throws {
        let model = try Checkpoints.sparse()
        let alone = run([Arrival(try Self.stream())], on: model, rule: Self.old)[0]
        let together = run(
            [Arrival(try Self.stream())]
                + (try Self.newcomers()).map { Arrival(step: 10, $0, under: Self.new) },
            on: model, rule: Self.old)
        #expect(together[0].isSameResponse(as: alone))
        #expect(together[0].summary.sharedSteps >= 20)
        // Control: newcomers of the same rule compete with the stream, and change it.
        let same = run(
            [Arrival(try Self.stream())] + (try Self.newcomers()).map { Arrival(step: 10, $0) }, on: model,
            rule: Self.old)
        #expect(!same[0].isSameResponse(as: alone))
    }

    @Test func `gives the newcomers the bits of a server that always had the new rule`() throws {
        let model = try Checkpoints.sparse()
        let newcomers = try Self.newcomers()
        let together = run(
            [Arrival(try Self.stream())] + newcomers.map { Arrival(step: 10, $0, under: Self.new) },
            on: model, rule: Self.old)
        let alone = run(newcomers.map { Arrival($0) }, on: model, rule: Self.new)
        for (mixed, pure) in zip(together.dropFirst(), alone) { #expect(mixed.isSameResponse(as: pure)) }
    }
}
