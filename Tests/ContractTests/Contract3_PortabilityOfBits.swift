import Engine
import ExpertRouting
import Numerics
import TestSupport
import Testing

/// `invariant` numerics give the same bits from every kernel set.
@Suite struct `Contract 3: portability of bits` {
    @Test(arguments: KernelSet.allCases.filter(\.isSupported))
    func `a response has the same bits from every kernel set this machine has`(set: KernelSet) throws {
        let traffic = try strangers(4, seed: 31, within: 6)
        let reference = run(traffic, on: try Checkpoints.sparse(kernels: .portable))
        #expect(run(traffic, on: try Checkpoints.sparse(kernels: set)) == reference)
    }

    @Test(arguments: KernelSet.allCases.filter(\.isSupported))
    func `so has one of int8 weights`(set: KernelSet) throws {
        let traffic = try strangers(4, seed: 32, within: 6)
        let reference = run(traffic, on: try Checkpoints.sparse(weightType: .int8, kernels: .portable))
        #expect(run(traffic, on: try Checkpoints.sparse(weightType: .int8, kernels: set)) == reference)
    }

    @Test func `negative control: int8 weights have other bits than those they are made of`() throws {
        let traffic = try strangers(4, seed: 32, within: 6)
        #expect(
            run(traffic, on: try Checkpoints.sparse(weightType: .int8))
                != run(traffic, on: try Checkpoints.sparse()))
    }

    @Test func `this machine has more than one set to compare`() {
        #expect(KernelSet.allCases.count(where: \.isSupported) > 1)
        #expect(KernelSet.portable.isSupported)
        #expect(KernelSet.best.isSupported)
    }

    @Test func `negative control: OpenBLAS has other bits`() throws {
        let traffic = try strangers(4, seed: 31, within: 6)
        #expect(
            run(traffic, on: try Checkpoints.sparse(numerics: .blas))
                != run(traffic, on: try Checkpoints.sparse()))
    }
}
