import ExpertRouting
import Testing
import TestSupport
import Tokenizers
import Transformer
@testable import Engine

@Suite struct BatchEngineTests {
    @Test func `a request ends at its length`() throws {
        let transcript = run([Arrival(try .make(maximumTokens: 9))], on: try Checkpoints.sparse())[0]
        #expect(transcript.tokens.count == 9)
        #expect(transcript.finish == .length)
    }

    @Test func `a stop token ends a sequence and is not part of it`() throws {
        let model = try Checkpoints.sparse()
        let free = run([Arrival(try .make(maximumTokens: 9))], on: model)[0]
        let stop = free.tokens[4]
        let stopped = run([Arrival(try .make(maximumTokens: 9, stopTokens: [stop]))], on: model)[0]
        #expect(stopped.finish == .stop)
        #expect(stopped.tokens == Array(free.tokens.prefix { $0 != stop }))
    }

    @Test func `sequences join and leave between steps`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small)
        engine.apply(.submit(SequenceID(rawValue: 0), try GenerationRequest.make(maximumTokens: 4), .default))
        #expect(engine.step()?.sequenceCount == 1)
        engine.apply(.submit(SequenceID(rawValue: 1), try .make(maximumTokens: 2), .default))
        let step = engine.step()
        let both = try #require(step)
        #expect(both.sequenceCount == 2)
        #expect(both.promptTokens == Prompts.story.count)
        #expect(both.generatedTokens == 1)
        _ = engine.step()
        #expect(engine.occupancy.running == 1)
        _ = engine.step()
        #expect(engine.occupancy.running == 0)
        let isIdle = engine.isIdle
        #expect(isIdle)
    }

    @Test func `a cancelled sequence gives back every block`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small)
        for id in 0..<5 as Range<UInt64> {
            engine.apply(.submit(SequenceID(rawValue: id), try .make(), .default))
        }
        _ = engine.step()
        #expect(engine.occupancy.freeBlocks < engine.occupancy.totalBlocks)
        for id in 0..<5 as Range<UInt64> {
            guard case .finished(.cancelled, _) = engine.apply(.cancel(SequenceID(rawValue: id)))?.event
            else {
                Issue.record("sequence \(id) did not end as cancelled")
                continue
            }
        }
        #expect(engine.apply(.cancel(SequenceID(rawValue: 0))) == nil)
        #expect(engine.occupancy.freeBlocks == engine.occupancy.totalBlocks)
        #expect(engine.step() == nil)
    }

    @Test func `drops are counted and attributed to the sequences that lost`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small)
        for id in 0..<8 as Range<UInt64> {
            let request = try GenerationRequest.make(
                prompt: Prompts.random(count: 30, seed: id), maximumTokens: 12,
                isolation: id < 6 ? .crossSequence : .dropless)
            engine.apply(.submit(SequenceID(rawValue: id), request, .default))
        }
        var counted = 0
        var attributed = 0
        var mixedGroups = 0
        while !engine.isIdle {
            guard let step = engine.step() else { continue }
            counted += step.droppedAssignments
            mixedGroups += step.mixedGroups
            for emission in step.emissions {
                guard case .finished(_, let summary) = emission.event else { continue }
                attributed += summary.droppedAssignments
                if emission.id.rawValue >= 6 { #expect(summary.droppedAssignments == 0) }
            }
        }
        #expect(counted > 0)
        #expect(mixedGroups > 0)
        #expect(attributed == counted)
    }

    @Test func `a request that cannot run is refused with the reason`() {
        let limits = EngineLimits(contextLength: 64, vocabularySize: 100)
        func refusal(_ prompt: [TokenID], _ count: Int) -> InvalidRequest? {
            do throws(InvalidRequest) {
                _ = try GenerationRequest(
                    prompt: prompt, maximumTokens: count, isolation: .dropless, limits: limits)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal([], 1) == .emptyPrompt)
        #expect(refusal([1], -1) == .negativeMaximum)
        #expect(refusal([1], 0) == nil)
        #expect(refusal([1, 100], 1) == .tokenOutOfRange(100, vocabularySize: 100))
        #expect(refusal([1, -1], 1) == .tokenOutOfRange(-1, vocabularySize: 100))
        #expect(
            refusal(Array(repeating: 1, count: 60), 5)
                == .tooLong(promptTokens: 60, maximumTokens: 5, contextLength: 64))
        #expect(refusal([1], .max) == .tooLong(promptTokens: 1, maximumTokens: .max, contextLength: 64))
        #expect(refusal(Array(repeating: 1, count: 60), 4) == nil)
    }
}
