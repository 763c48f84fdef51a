import Engine
import ExpertRouting
import TestSupport
import Testing

/// Same weights, same requests, same step schedule: bitwise the same, in every mode.
@Suite struct `Contract 1: batch-level determinism` {
    @Test(arguments: Isolation.allCases)
    func `the same schedule gives the same bits`(isolation: Isolation) throws {
        let model = try Checkpoints.starter()
        let traffic = try strangers(8, seed: 1, isolation: isolation)
        #expect(run(traffic, on: model) == run(traffic, on: model))
    }

    @Test func `the same schedule drops the same assignments with random slots`() throws {
        let model = try Checkpoints.starter()
        var rule = RoutingRule.default
        rule.slotPriority = .random
        let traffic = try strangers(8, seed: 2)
        let first = run(traffic, on: model, rule: rule)
        #expect(first.contains { $0.summary.droppedAssignments > 0 })
        #expect(first == run(traffic, on: model, rule: rule))
    }

    @Test func `negative control: another schedule of the same requests gives other bits`() throws {
        let model = try Checkpoints.starter()
        var traffic = try strangers(8, seed: 1)
        let before = run(traffic, on: model)
        for index in traffic.indices where index % 2 == 0 { traffic[index].step += 3 }
        let after = run(traffic, on: model)
        #expect(zip(before, after).contains { !$0.isSameResponse(as: $1) })
    }
}
