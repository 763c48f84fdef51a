import Engine
import ExpertRouting
import Foundation
import Numerics
import TestSupport
import Testing
import Threads
import Transformer

/// In `per-sequence` isolation with `invariant` numerics, a response is a pure function of weights, prompt,
/// sampling parameters and seed.
@Suite struct `Contract 2: sequence-level determinism` {
    /// Long enough to be cut into chunks and to fill routing groups of its own.
    private static let prompt = Prompts.random(count: 150, seed: 42)

    private static func victim(
        _ isolation: Isolation = .perSequence, sampling: Sampling = Sampling(temperature: 0)
    ) throws -> GenerationRequest {
        try .make(prompt: prompt, maximumTokens: 40, sampling: sampling, isolation: isolation, topLogprobs: 5)
    }

    /// Groups of 64, so that the prompt has three of them.
    private static var rule: RoutingRule {
        var rule = RoutingRule.default
        rule.groupSize = 64
        return rule
    }

    /// The victim's transcript among strangers, who arrive before and after it.
    private static func amongStrangers(
        _ victim: GenerationRequest, seed: UInt64, model: Model, options: EngineOptions = .small
    ) throws -> Transcript {
        let neighbours = try strangers(10, seed: seed, isolation: .crossSequence)
        return run(
            [Arrival(step: Int(seed % 7), victim)] + neighbours, on: model, options: options, rule: rule)[0]
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `neighbours change no bit`(seed: UInt64) throws {
        let model = try Checkpoints.sparse()
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        let crowded = try Self.amongStrangers(Self.victim(), seed: seed, model: model)
        #expect(alone.summary.droppedAssignments > 0, "the prompt alone must feel its capacity")
        #expect(crowded.summary.sharedSteps > 0)
        #expect(alone.firstDifference(from: crowded) == nil)
        #expect(alone.sampled == crowded.sampled)
    }

    @Test(arguments: [WeightType.float32, .float16, .int8])
    func `neighbours change no bit, whatever weights are packed as`(type: WeightType) throws {
        let model = try Checkpoints.sparse(weightType: type)
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        for seed in 1...3 as ClosedRange<UInt64> {
            let crowded = try Self.amongStrangers(Self.victim(), seed: seed, model: model)
            #expect(crowded.summary.sharedSteps > 0)
            #expect(alone.firstDifference(from: crowded) == nil)
        }
    }

    @Test(arguments: [80, 128, 144, 300, 512])
    func `chunked prefill changes no bit`(stepTokens: Int) throws {
        let model = try Checkpoints.sparse()
        var options = EngineOptions.small
        options.sizes.stepTokens = stepTokens
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        let chunked = try Self.amongStrangers(Self.victim(), seed: 3, model: model, options: options)
        #expect(alone.firstDifference(from: chunked) == nil)
    }

    @Test func `preemption and recomputation change no bit`() throws {
        let model = try Checkpoints.sparse()
        var options = EngineOptions.small
        options.sizes.cacheBlocks = 34
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        let neighbours = try (0..<6).map {
            Arrival(try .make(prompt: Prompts.random(count: 60, seed: $0), maximumTokens: 60))
        }
        let squeezed = run(
            neighbours + [Arrival(step: 1, try Self.victim())], on: model, options: options, rule: Self.rule)
        #expect(squeezed[6].summary.preemptions > 0, "the cache must have been too small")
        #expect(alone.firstDifference(from: squeezed[6]) == nil)
    }

    @Test func `a seed draws the same tokens in any company`() throws {
        let model = try Checkpoints.sparse()
        let sampling = Sampling(temperature: 0.9, topP: 0.95, seed: 1234)
        let alone = run([Arrival(try Self.victim(sampling: sampling))], on: model, rule: Self.rule)[0]
        let crowded = try Self.amongStrangers(Self.victim(sampling: sampling), seed: 5, model: model)
        #expect(alone.isSameResponse(as: crowded))
        let other = Sampling(temperature: 0.9, topP: 0.95, seed: 1235)
        let elsewise = run([Arrival(try Self.victim(sampling: other))], on: model, rule: Self.rule)[0]
        #expect(alone.tokens != elsewise.tokens)
    }

    @Test func `dropless neighbours and isolated neighbours change no bit either`() throws {
        let model = try Checkpoints.sparse()
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        for isolation in Isolation.allCases {
            let crowd = try strangers(8, seed: 9, isolation: isolation)
            let crowded = run([Arrival(step: 2, try Self.victim())] + crowd, on: model, rule: Self.rule)[0]
            #expect(alone.firstDifference(from: crowded) == nil, "among \(isolation) neighbours")
        }
    }

    @Test func `a dense model is isolated by nature`() throws {
        let model = try Checkpoints.dense()
        let alone = run([Arrival(try Self.victim(.crossSequence))], on: model, rule: Self.rule)[0]
        let crowded = try Self.amongStrangers(Self.victim(.crossSequence), seed: 4, model: model)
        #expect(alone.firstDifference(from: crowded) == nil)
    }

    @Test func `fast numerics keep neighbours apart as well`() throws {
        let model = try Checkpoints.sparse(numerics: .fast)
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        let crowded = try Self.amongStrangers(Self.victim(), seed: 2, model: model)
        #expect(alone.firstDifference(from: crowded) == nil)
    }

    private static func small(
        prompt count: Int, seed: UInt64, _ isolation: Isolation
    ) throws -> GenerationRequest {
        try .make(
            prompt: Prompts.random(count: count, seed: seed, vocabulary: 250), maximumTokens: 30,
            isolation: isolation, limits: EngineLimits(contextLength: 160, vocabularySize: 250))
    }

    /// Latent attention, shared experts, norms of queries and keys, windows by layer, group-limited choice.
    @Test(arguments: [
        "tiny-qwen2-moe", "tiny-qwen3-moe", "tiny-switch", "tiny-olmoe", "tiny-deepseek-v2",
        "tiny-deepseek-v2-lite", "tiny-deepseek-v3",
    ])
    func `in every family neighbours change no bit, and in cross-sequence mode they do`(name: String) throws {
        let model = try Model(checkpoint: Checkpoints.fixtures.appending(path: "checkpoints/\(name)").path)
        var options = EngineOptions(contextLength: 160)
        options.sizes.stepTokens = 96
        let neighbours = try (0..<8).map { index in
            Arrival(
                step: index * 3,
                try Self.small(prompt: 20 + 9 * index, seed: UInt64(index), .crossSequence))
        }
        for isolation in [Isolation.perSequence, .crossSequence] {
            let victim = try Self.small(prompt: 100, seed: 42, isolation)
            let alone = run([Arrival(victim)], on: model, options: options, rule: Self.rule)[0]
            let crowded = run(
                [Arrival(step: 2, victim)] + neighbours, on: model, options: options, rule: Self.rule,
                workers: WorkerPool(threadCount: 2))[0]
            #expect((alone.firstDifference(from: crowded) == nil) == (isolation == .perSequence))
        }
    }

    @Test func `negative control: in cross-sequence mode neighbours do change bits`() throws {
        let model = try Checkpoints.sparse()
        let alone = run([Arrival(try Self.victim(.crossSequence))], on: model, rule: Self.rule)[0]
        let crowded = try Self.amongStrangers(Self.victim(.crossSequence), seed: 1, model: model)
        #expect(alone.firstDifference(from: crowded) != nil)
    }

    @Test(arguments: [NumericsMode.blas, .blasBF16])
    func `negative control: with OpenBLAS neighbours do change bits`(numerics: NumericsMode) throws {
        let model = try Checkpoints.sparse(numerics: numerics)
        let alone = run([Arrival(try Self.victim())], on: model, rule: Self.rule)[0]
        let crowded = try Self.amongStrangers(Self.victim(), seed: 1, model: model)
        #expect(alone.firstDifference(from: crowded) != nil)
    }
}
