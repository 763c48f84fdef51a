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
        engine.submit(try .make(maximumTokens: 4), as: SequenceID(rawValue: 0), under: .default)
        #expect(engine.step().sequenceCount == 1)
        engine.submit(try .make(maximumTokens: 2), as: SequenceID(rawValue: 1), under: .default)
        let both = engine.step()
        #expect(both.sequenceCount == 2)
        #expect(both.promptTokens == Prompts.story.count)
        #expect(both.generatedTokens == 1)
        #expect(engine.step().running == 1)
        #expect(engine.step().running == 0)
        let isIdle = engine.isIdle
        #expect(isIdle)
    }

    @Test func `a cancelled sequence gives back every block`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small)
        for id in 0..<5 as Range<UInt64> {
            engine.submit(try .make(), as: SequenceID(rawValue: id), under: .default)
        }
        let before = engine.step()
        #expect(before.freeBlocks < before.totalBlocks)
        for id in 0..<5 as Range<UInt64> {
            guard case .finished(.cancelled, _) = engine.cancel(SequenceID(rawValue: id))?.event else {
                Issue.record("sequence \(id) did not end as cancelled")
                continue
            }
        }
        #expect(engine.cancel(SequenceID(rawValue: 0)) == nil)
        let after = engine.step()
        #expect(after.freeBlocks == after.totalBlocks)
        #expect(after.sequenceCount == 0)
    }

    @Test func `drops are counted and attributed to the sequences that lost`() throws {
        var engine = BatchEngine(model: try Checkpoints.sparse(), options: .small)
        for id in 0..<8 as Range<UInt64> {
            let request = try GenerationRequest.make(
                prompt: Prompts.random(count: 30, seed: id), maximumTokens: 12,
                isolation: id < 6 ? .crossSequence : .dropless)
            engine.submit(request, as: SequenceID(rawValue: id), under: .default)
        }
        var counted = 0
        var attributed = 0
        var mixedGroups = 0
        while !engine.isIdle {
            let step = engine.step()
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
