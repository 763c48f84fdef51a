import Engine
import ExpertRouting
import Numerics
import TestSupport
import Testing
import Threads

/// Same weights, same requests, same step schedule: bitwise the same, in every mode, on any number of threads.
@Suite struct `Contract 1: batch-level determinism` {
    @Test(arguments: Isolation.allCases)
    func `the same schedule gives the same bits`(isolation: Isolation) throws {
        let model = try Checkpoints.sparse()
        let traffic = try strangers(8, seed: 1, isolation: isolation)
        #expect(run(traffic, on: model) == run(traffic, on: model))
    }

    @Test(arguments: [2, 3, 5], Isolation.allCases)
    func `the number of threads changes no bit`(threads: Int, isolation: Isolation) throws {
        let model = try Checkpoints.sparse()
        let traffic = try strangers(8, seed: 4, isolation: isolation)
        let isSame =
            run(traffic, on: model, workers: WorkerPool(threadCount: threads)) == run(traffic, on: model)
        #expect(isSame)
    }

    @Test func `the number of threads changes no bit of a dense model or of OpenBLAS`() throws {
        let traffic = try strangers(8, seed: 5)
        for model in [try Checkpoints.dense(), try Checkpoints.sparse(numerics: .blas)] {
            let isSame =
                run(traffic, on: model, workers: WorkerPool(threadCount: 3)) == run(traffic, on: model)
            #expect(isSame)
        }
    }

    @Test(arguments: [2, 5])
    func `the number of threads changes no bit of int8 weights`(threads: Int) throws {
        let model = try Checkpoints.sparse(weightType: .int8)
        let traffic = try strangers(8, seed: 6)
        let isSame =
            run(traffic, on: model, workers: WorkerPool(threadCount: threads)) == run(traffic, on: model)
        #expect(isSame)
    }

    @Test func `the same schedule drops the same assignments with random slots`() throws {
        let model = try Checkpoints.sparse()
        var rule = RoutingRule.default
        rule.slotPriority = .random
        let traffic = try strangers(8, seed: 2)
        let first = run(traffic, on: model, rule: rule)
        #expect(first.contains { $0.summary.droppedAssignments > 0 })
        #expect(first == run(traffic, on: model, rule: rule))
    }

    @Test func `negative control: another schedule of the same requests gives other bits`() throws {
        let model = try Checkpoints.sparse()
        var traffic = try strangers(8, seed: 1)
        let before = run(traffic, on: model)
        for index in traffic.indices where index % 2 == 0 { traffic[index].step += 3 }
        let after = run(traffic, on: model)
        #expect(zip(before, after).contains { !$0.isSameResponse(as: $1) })
    }
}
