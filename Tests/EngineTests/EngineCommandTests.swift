import ConstrainedDecoding
import Engine
import ExpertRouting
import Foundation
import JSON
import TestSupport
import Testing
import Tokenizers
import Transformer

@Suite struct `Commands as plain values` {
    private static let schema =
        #"{"type":"object","properties":{"z":{"type":"integer"},"a":{"enum":["é","\\n"]}},"required":["z","a"],"additionalProperties":false}"#

    private static func requests(
        _ model: Model, _ vocabulary: ConstrainedVocabulary
    ) throws -> [GenerationRequest] {
        let limits = EngineLimits(contextLength: 512, vocabularySize: model.config.vocabularySize)
        var sampling = Sampling(temperature: 0.7, topP: 0.9, seed: 1 << 63 | 5, logitBias: [7: -1.1, 3: 0.3])
        sampling.penalties.repetition = 1.1
        sampling.minimumP = 0.01
        sampling.topK = 40
        let schema = try OutputConstraint(JSONValue(parsing: Array(schema.utf8)))
        let call = try OutputConstraint(
            .toolCall(
                of: [
                    ToolFunction(name: "f", parameters: nil),
                    ToolFunction(name: "g", parameters: ["type": "object"]),
                ], choice: .required))
        return [
            try .make(maximumTokens: 12, sampling: sampling, stopTokens: [0, 5], topLogprobs: 2),
            try .make(maximumTokens: 40, constraint: TokenConstraint(schema, over: vocabulary)),
            try .make(maximumTokens: 60, constraint: TokenConstraint(call, over: vocabulary)),
            try .make(
                maximumTokens: 30,
                constraint: TokenConstraint(try OutputConstraint(JSONSchema.anyObject), over: vocabulary)),
            try GenerationRequest(
                prompt: [5, 6, 7], maximumTokens: 4, minimumTokens: 2, isolation: .perSequence,
                report: .init(promptLogprobs: 1, wantsEmbedding: true), priority: -3, cacheSalt: "salt",
                limits: limits),
        ]
    }

    private static func transcript(of commands: [EngineCommand], on model: Model) -> [String] {
        var engine = BatchEngine(model: model, options: .small, details: [.logitHashes])
        for command in commands { engine.apply(command) }
        var lines: [String] = []
        while !engine.isIdle {
            guard let step = engine.step() else { continue }
            lines += step.logitHashes.map { "\($0)" } + step.emissions.map { "\($0)" }
        }
        return lines
    }

    @Test func `decoded commands give the bits of those that were encoded`() throws {
        let model = try Checkpoints.sparse()
        let vocabulary = ConstrainedVocabulary(model.tokenizer)
        let commands = try Self.requests(model, vocabulary).enumerated().map { index, request in
            EngineCommand.submit(SequenceID(rawValue: UInt64(index)), request, RoutingRule(seed: .max))
        }
        let decoder = JSONDecoder()
        decoder.userInfo[.requestDecoding] = RequestDecoding(
            limits: EngineLimits(contextLength: 512, vocabularySize: model.config.vocabularySize),
            vocabulary: vocabulary)
        let text = try JSONEncoder().encode(commands + [.cancel(SequenceID(rawValue: 9))])
        let decoded = try decoder.decode([EngineCommand].self, from: text)
        #expect(decoded.count == commands.count + 1)
        #expect(Self.transcript(of: decoded, on: model) == Self.transcript(of: commands, on: model))
    }

    @Test func `an encoded request that does not fit the model is refused with the reason`() throws {
        let request = try GenerationRequest.make(maximumTokens: 200)
        let decoder = JSONDecoder()
        decoder.userInfo[.requestDecoding] = RequestDecoding(
            limits: EngineLimits(contextLength: 100, vocabularySize: 2048))
        let text = try JSONEncoder().encode(request)
        let error = #expect(throws: DecodingError.self) {
            try decoder.decode(GenerationRequest.self, from: text)
        }
        #expect("\(try #require(error))".contains("tooLong"))
    }
}
