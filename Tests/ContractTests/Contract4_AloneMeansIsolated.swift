import Engine
import ExpertRouting
import TestSupport
import Testing

/// A request that shares no step with another gives bitwise the same response in both capacity-limited modes.
@Suite struct `Contract 4: alone means isolated` {
    @Test(arguments: [16, 64, 100, 256], [1, 63, 64, 65, 200, 400])
    func `cross-sequence alone equals per-sequence`(groupSize: Int, promptLength: Int) throws {
        let model = try Checkpoints.sparse()
        var rule = RoutingRule.default
        rule.groupSize = groupSize
        var options = EngineOptions.small
        options.sizes.stepTokens = groupSize + 20
        let prompt = Prompts.random(count: promptLength, seed: 11)
        func response(_ isolation: Isolation) throws -> Transcript {
            let request = try GenerationRequest.make(prompt: prompt, maximumTokens: 12, isolation: isolation)
            return run([Arrival(request)], on: model, options: options, rule: rule)[0]
        }
        let shared = try response(.crossSequence)
        let isolated = try response(.perSequence)
        #expect(shared.summary.sharedSteps == 0)
        #expect(shared.firstDifference(from: isolated) == nil)
        #expect(shared.summary.droppedAssignments == isolated.summary.droppedAssignments)
    }

    /// A random order is drawn anew per step in shared groups, so only the fixed orders can agree.
    @Test(arguments: SlotPriority.allCases.filter { $0 != .random })
    func `whatever the slot priority`(priority: SlotPriority) throws {
        let model = try Checkpoints.sparse()
        var rule = RoutingRule.default
        rule.slotPriority = priority
        rule.groupSize = 64
        let prompt = Prompts.random(count: 130, seed: 12)
        let responses = try [Isolation.crossSequence, .perSequence].map { isolation in
            run([Arrival(try .make(prompt: prompt, isolation: isolation))], on: model, rule: rule)[0]
        }
        #expect(responses[0].firstDifference(from: responses[1]) == nil)
    }

    @Test func `negative control: with company the two modes part`() throws {
        let model = try Checkpoints.sparse()
        let crowd = try strangers(8, seed: 21)
        let responses = try [Isolation.crossSequence, .perSequence].map { isolation in
            run([Arrival(step: 2, try .make(isolation: isolation))] + crowd, on: model)[0]
        }
        #expect(responses[0].firstDifference(from: responses[1]) != nil)
    }
}
