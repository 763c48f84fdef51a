import ExpertRouting
import Numerics
import Testing
import TestSupport
import Tokenizers
import Transformer
@testable import Engine

/// A prompt may begin with keys and values that another one left, where they are bitwise its own.
@Suite struct PrefixCacheTests {
    private static var rule: RoutingRule {
        var rule = RoutingRule.default
        rule.groupSize = 32
        return rule
    }

    /// A prompt of `shared` tokens that all have in common, and some of its own.
    private static func request(
        shared: Int, own: Int, seed: UInt64, isolation: Isolation, maximumTokens: Int = 12
    ) throws -> GenerationRequest {
        try .make(
            prompt: Prompts.random(count: shared, seed: 77) + Prompts.random(count: own, seed: seed),
            maximumTokens: maximumTokens, isolation: isolation)
    }

    /// Runs one request after another on one engine.
    private static func oneByOne(
        _ requests: [GenerationRequest], on model: Model, options: EngineOptions = .small
    ) -> [Transcript] {
        var step = 0
        let arrivals = requests.map { request in
            defer { step += 200 }
            return Arrival(step: step, request)
        }
        return run(arrivals, on: model, options: options, rule: rule)
    }

    @Test(arguments: [(Isolation.perSequence, 96), (.dropless, 112), (.crossSequence, 0)])
    func
        `whole groups of a per-sequence prompt are shared, whole blocks of a dropless one, nothing across sequences`(
            isolation: Isolation, cached: Int
        ) throws
    {
        let model = try Checkpoints.sparse()
        let second = try Self.request(shared: 120, own: 30, seed: 2, isolation: isolation)
        let transcripts = Self.oneByOne(
            [try Self.request(shared: 120, own: 40, seed: 1, isolation: isolation), second], on: model)
        #expect(transcripts[0].summary.cachedTokens == 0)
        #expect(transcripts[1].summary.cachedTokens == cached)
        #expect(transcripts[1].isSameResponse(as: run([Arrival(second)], on: model, rule: Self.rule)[0]))
    }

    @Test func `a whole prompt is known, and its last block is computed all the same`() throws {
        let model = try Checkpoints.dense()
        let request = try Self.request(shared: 64, own: 0, seed: 1, isolation: .crossSequence)
        let transcripts = Self.oneByOne([request, request], on: model)
        #expect(transcripts[1].summary.cachedTokens == 48)
        #expect(transcripts[1].isSameResponse(as: transcripts[0]))
    }

    @Test func `a continued chat finds its own answer in the cache`() throws {
        let model = try Checkpoints.dense()
        let first = try Self.request(
            shared: 60, own: 0, seed: 1, isolation: .crossSequence, maximumTokens: 30)
        let answer = run([Arrival(first)], on: model, rule: Self.rule)[0].tokens
        let second = try GenerationRequest.make(
            prompt: first.prompt + answer + Prompts.random(count: 9, seed: 3), isolation: .crossSequence)
        let transcripts = Self.oneByOne([first, second], on: model)
        // 89 of the 90 tokens have keys and values: that of the last was never computed.
        #expect(transcripts[1].summary.cachedTokens == 80)
        #expect(transcripts[1].isSameResponse(as: run([Arrival(second)], on: model, rule: Self.rule)[0]))
    }

    @Test func `sequences of other rules, isolations and numerics share nothing`() throws {
        let prompt = { (isolation: Isolation) in
            try Self.request(shared: 120, own: 9, seed: 4, isolation: isolation)
        }
        let mixed = Self.oneByOne(
            [try prompt(.dropless), try prompt(.perSequence)], on: try Checkpoints.sparse())
        #expect(mixed[1].summary.cachedTokens == 0)
        let rounded = Self.oneByOne(
            [try prompt(.dropless), try prompt(.dropless)], on: try Checkpoints.sparse(numerics: .blas))
        #expect(rounded[1].summary.cachedTokens == 0)
        var options = EngineOptions.small
        options.sizes.cachesPrefixes = false
        let off = Self.oneByOne(
            [try prompt(.dropless), try prompt(.dropless)], on: try Checkpoints.sparse(), options: options)
        #expect(off[1].summary.cachedTokens == 0)
    }

    @Test func `in a cache that is too small the oldest goes first, and responses stay the same`() throws {
        let model = try Checkpoints.sparse()
        var options = EngineOptions.small
        options.sizes.cacheBlocks = 33
        let requests = try (0..<24).map { index in
            Arrival(
                step: index,
                try Self.request(
                    shared: index % 2 == 0 ? 120 : 96, own: 20 + index, seed: UInt64(index),
                    isolation: .perSequence, maximumTokens: 60))
        }
        let crowded = run(requests, on: model, options: options, rule: Self.rule)
        #expect(crowded.contains { $0.summary.cachedTokens > 0 })
        #expect(crowded.contains { $0.summary.preemptions > 0 })
        for (request, transcript) in zip(requests, crowded) {
            #expect(
                transcript.isSameResponse(as: run([Arrival(request.request)], on: model, rule: Self.rule)[0]))
        }
    }

    @Test func `no block is lost and none has two contents`() throws {
        var generator = SplitMix64(seed: 8)
        var pool = BlockPool(total: 12)
        var held: [(table: [Int32], chain: PrefixChain, tokens: [TokenID])] = []
        for _ in 0..<2_000 {
            if !held.isEmpty, Bool.random(using: &generator) {
                var sequence = held.remove(at: Int.random(in: 0..<held.count, using: &generator))
                pool.reclaim(&sequence.table)
            } else {
                // Few prompts, so that many begin alike.
                let tokens = Prompts.random(
                    count: 16 * Int.random(in: 1...4, using: &generator),
                    seed: UInt64.random(in: 0..<3, using: &generator))
                var chain = pool.share(tokens, limit: tokens.count, in: PrefixDomain(groups: .none))
                var table = chain.blocks
                guard pool.grow(&table, to: tokens.count / 16) else {
                    pool.reclaim(&table)
                    continue
                }
                for number in chain.entries.count..<table.count {
                    pool.publish([table[number]], tokens[number * 16..<(number + 1) * 16], after: &chain)
                }
                held.append((table, chain, tokens))
            }
            #expect(Set(held.flatMap(\.table)).count + pool.freeCount == 12)
            var contents: [Int32: [TokenID]] = [:]
            for sequence in held {
                for (number, block) in sequence.table.enumerated() {
                    let content = Array(sequence.tokens.prefix((number + 1) * 16))
                    #expect(contents[block] == nil || contents[block] == content)
                    contents[block] = content
                }
            }
        }
    }
}
