import ExpertRouting
import TestSupport
import Testing
import Transformer

@testable import Engine

/// What an engine says of a prompt: its tokens' likelihoods, and its embedding.
@Suite struct PromptReportTests {
    private static let prompt = Prompts.random(count: 100, seed: 5)

    private static func request(
        _ report: GenerationRequest.Report, maximumTokens: Int = 0
    ) throws -> GenerationRequest {
        try GenerationRequest(
            prompt: prompt, maximumTokens: maximumTokens, sampling: Sampling(temperature: 0),
            isolation: .perSequence, report: report,
            limits: EngineLimits(contextLength: 512, vocabularySize: 2048))
    }

    /// All events of a request among strangers, in an engine that cuts prompts up.
    private static func events(
        _ request: GenerationRequest, strangers count: Int = 0, options: EngineOptions = .small
    ) throws -> [GenerationEvent] {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: options)
        var rule = RoutingRule.default
        rule.groupSize = 16
        for (index, stranger) in try strangers(count, seed: 3, within: 1).enumerated() {
            engine.apply(.submit(SequenceID(rawValue: UInt64(100 + index)), stranger.request, rule))
        }
        engine.apply(.submit(SequenceID(rawValue: 0), request, rule))
        var events: [GenerationEvent] = []
        while !engine.isIdle {
            events += (engine.step()?.emissions ?? []).filter { $0.id.rawValue == 0 }.map(\.event)
        }
        return events
    }

    private static func promptTokens(_ events: [GenerationEvent]) -> [SampledToken] {
        events.flatMap { event -> [SampledToken] in
            if case .prompt(let tokens) = event { tokens } else { [] }
        }
    }

    @Test func `every token of the prompt but the first is reported once, in order`() throws {
        let events = try Self.events(Self.request(.init(promptLogprobs: 3)))
        #expect(Self.promptTokens(events).map(\.token) == Array(Self.prompt.dropFirst()))
        #expect(Self.promptTokens(events).allSatisfy { $0.top.count == 3 && $0.logprob != nil })
        guard case .finished(.length, _) = events.last else {
            Issue.record("a request for no tokens ends with its prompt")
            return
        }
        #expect(!events.contains { if case .token = $0 { true } else { false } })
    }

    @Test func `a likelihood is what the model gives that token there`() throws {
        let tokens = Self.promptTokens(try Self.events(Self.request(.init(promptLogprobs: 1))))
        for token in tokens {
            let best = try #require(token.top.first)
            let logprob = try #require(token.logprob)
            #expect(logprob <= best.logprob && (token.rank == 1) == (best.token == token.token))
        }
        // The likeliest next token of a prompt is the one that is generated greedily after it.
        let cut = try GenerationRequest(
            prompt: Array(Self.prompt.prefix(16)), maximumTokens: 1, sampling: Sampling(temperature: 0),
            isolation: .perSequence, limits: EngineLimits(contextLength: 512, vocabularySize: 2048))
        guard case .token(let next) = try Self.events(cut).first else {
            Issue.record("no token was generated")
            return
        }
        #expect(next.token == tokens[15].top[0].token)
    }

    @Test func `neighbours, chunks and preemption neither change nor repeat the report on a prompt`()
        throws
    {
        let report = GenerationRequest.Report(promptLogprobs: 2, wantsEmbedding: true)
        let alone = try Self.events(Self.request(report, maximumTokens: 20))
        var options = EngineOptions.small
        options.sizes.stepTokens = 40
        options.sizes.maximumRunning = 8
        options.sizes.cacheBlocks = 34
        let crowded = try Self.events(
            Self.request(report, maximumTokens: 20), strangers: 7, options: options)
        #expect(Self.promptTokens(crowded) == Self.promptTokens(alone))
        func embedding(_ events: [GenerationEvent]) -> [[Float]] {
            events.compactMap { if case .embedding(let mean) = $0 { mean } else { nil } }
        }
        #expect(embedding(crowded) == embedding(alone))
        #expect(embedding(alone).count == 1)
        #expect(embedding(alone)[0].count == 256)
    }
}
