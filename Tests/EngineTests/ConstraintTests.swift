import ConstrainedDecoding
import Engine
import ExpertRouting
import Foundation
import JSON
import Testing
import TestSupport
import Tokenizers
import Transformer

/// Completions that have to follow a schema, by a model that was never trained for it.
@Suite struct `A constrained completion` {
    private static let person = #"""
        {"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,
        "maximum":130},"tags":{"type":"array","items":{"enum":["red","green"]},"maxItems":3}},
        "required":["name","age","tags"]}
        """#
    /// The shortest text that satisfies `person`.
    private static let shortest = #"{"name":"","age":0,"tags":[]}"#.utf8.count

    private static func constraint(_ schema: String, _ model: Model) throws -> TokenConstraint {
        TokenConstraint(
            try OutputConstraint(JSONValue(parsing: Array(schema.utf8))),
            over: ConstrainedVocabulary(model.tokenizer))
    }

    private static func text(_ transcript: Transcript, _ model: Model) -> String {
        model.tokenizer.decode(transcript.tokens, skippingSpecialTokens: false)
    }

    private static func satisfies(_ text: String, _ schema: String) throws -> Bool {
        var matcher = try OutputConstraint(JSONValue(parsing: Array(schema.utf8))).matcher
        return matcher.advance(Array(text.utf8)) && matcher.isComplete
    }

    @Test(arguments: [person, #"{"type":"object"}"#, #"{"type":"array","items":{"type":"boolean"}}"#, "true"])
    func `satisfies its schema, greedy or drawn, and ends by itself`(schema: String) throws {
        let model = try Checkpoints.sparse()
        let constraint = try Self.constraint(schema, model)
        var arrivals: [Arrival] = []
        for seed in 0..<8 {
            let sampling = Sampling(temperature: seed == 0 ? 0 : 1, seed: UInt64(seed))
            arrivals.append(
                Arrival(
                    try .make(
                        maximumTokens: 80, sampling: sampling,
                        stopTokens: Set(model.config.endTokens), constraint: constraint)))
        }
        for transcript in run(arrivals, on: model) {
            let text = Self.text(transcript, model)
            #expect(try Self.satisfies(text, schema), "\(text)")
            #expect(throws: Never.self) { try JSONValue(parsing: Array(text.utf8)) }
            #expect([.complete, .stop].contains(transcript.finish), "\(text)")
        }
    }

    @Test func `is complete in every budget that suffices, and cut where none does`() throws {
        let model = try Checkpoints.sparse()
        let constraint = try Self.constraint(Self.person, model)
        let budgets = Array(1...60)
        let arrivals = try budgets.map { budget in
            Arrival(step: budget, try .make(maximumTokens: budget, constraint: constraint))
        }
        var shortest = Int.max
        for (budget, transcript) in zip(budgets, run(arrivals, on: model)) {
            let text = Self.text(transcript, model)
            #expect(transcript.tokens.count <= budget)
            let isComplete = try Self.satisfies(text, Self.person)
            #expect(isComplete == (transcript.finish == .complete), "\(budget): \(text)")
            if isComplete { shortest = min(shortest, budget) }
            if budget >= Self.shortest { #expect(isComplete, "\(budget): \(text)") }
        }
        // Tokens of several bytes do better than the promise.
        #expect(shortest > 3 && shortest <= Self.shortest)
    }

    @Test func `a bias for other tokens or an end token does not break it`() throws {
        let model = try Checkpoints.sparse()
        let end = try #require(model.config.endTokens.first)
        var sampling = Sampling(temperature: 0)
        sampling.logitBias = [end: 100, 40: 100, 50: 100]
        let request = try GenerationRequest.make(
            maximumTokens: 60, sampling: sampling, stopTokens: [end],
            constraint: Self.constraint(Self.person, model))
        let transcript = run([Arrival(request)], on: model)[0]
        #expect(try Self.satisfies(Self.text(transcript, model), Self.person))
        #expect(transcript.finish == .complete)
    }

    @Test func `log-probabilities are those among the tokens that may come`() throws {
        let model = try Checkpoints.sparse()
        let request = try GenerationRequest.make(
            maximumTokens: 8, topLogprobs: 20, constraint: Self.constraint(#"{"enum":[true,null]}"#, model))
        let transcript = run([Arrival(request)], on: model)[0]
        for token in transcript.sampled {
            // Fewer than twenty may come, so that theirs is all the probability.
            let sum = token.top.reduce(0) { $0 + exp(Double($1.logprob)) }
            #expect(abs(sum - 1) < 1e-5)
        }
    }

    @Test func `of a per-sequence request has the same bits in any company, preempted too`() throws {
        let model = try Checkpoints.sparse()
        let request = try GenerationRequest.make(
            maximumTokens: 60, sampling: Sampling(temperature: 1, seed: 5), isolation: .perSequence,
            constraint: Self.constraint(Self.person, model))
        let alone = run([Arrival(request)], on: model)[0]
        let crowded = run(try strangers(9, seed: 3) + [Arrival(step: 12, request)], on: model)
        #expect(crowded[9].isSameResponse(as: alone))
        var options = EngineOptions.small
        options.sizes.cacheBlocks = 34
        let neighbours = try (0..<6).map {
            Arrival(try .make(prompt: Prompts.random(count: 60, seed: $0), maximumTokens: 60))
        }
        let squeezed = run(neighbours + [Arrival(step: 1, request)], on: model, options: options)
        #expect(squeezed[6].summary.preemptions > 0, "the cache must have been too small")
        #expect(squeezed[6].isSameResponse(as: alone))
    }
}
