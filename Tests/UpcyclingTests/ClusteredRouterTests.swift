import ExpertRouting
import Numerics
import Testing
import Threads

@testable import Upcycling

@Suite struct `A router made of clusters` {
    private static let width = 24
    private static let tokens = 512

    private static func router(
        _ inputs: [Float], experts: Int = 4, choices: Int = 2, seed: UInt64 = 1
    ) -> ClusteredRouter {
        ClusteredRouter(
            inputs: inputs, width: width, experts: experts, choices: choices, seed: seed, kernels: Kernels(),
            workers: WorkerPool(threadCount: 2))
    }

    /// Tokens in four clusters, all far from zero: token `i` is of cluster `i % 4`.
    private static let clustered: [Float] = {
        var random = SplitMix64(seed: 5)
        func number() -> Float { Float(random.next() >> 40) / 0x1p24 - 0.5 }
        let centres = (0..<4 * width).map { _ in 3 * number() }
        return (0..<tokens).flatMap { token in
            (0..<width).map { 2 + centres[token % 4 * width + $0] + number() }
        }
    }()

    /// A token's logits.
    private static func logits(_ inputs: [Float], _ rows: [Float], token: Int) -> [Double] {
        (0..<rows.count / width).map { expert in
            (0..<width).reduce(0) {
                $0 + Double(inputs[token * width + $1]) * Double(rows[expert * width + $1])
            }
        }
    }

    @Test func `has rows that are orthogonal to the mean input`() {
        let router = Self.router(Self.clustered)
        let mean = (0..<Self.width).map { column in
            (0..<Self.tokens).reduce(0.0) { $0 + Double(Self.clustered[$1 * Self.width + column]) }
                / Double(Self.tokens)
        }
        for expert in 0..<4 {
            let product = (0..<Self.width).reduce(0.0) {
                $0 + mean[$1] * Double(router.rows[expert * Self.width + $1])
            }
            #expect(abs(product) < 1e-5)
        }
    }

    @Test func `has logits of unit deviation`() {
        let router = Self.router(Self.clustered)
        let logits = (0..<Self.tokens).map { Self.logits(Self.clustered, router.rows, token: $0) }
        for expert in 0..<4 {
            let mean = logits.reduce(0) { $0 + $1[expert] } / Double(Self.tokens)
            let square =
                logits.reduce(0) { $0 + ($1[expert] - mean) * ($1[expert] - mean) } / Double(Self.tokens)
            #expect(abs(square.squareRoot() - 1) < 1e-4)
        }
    }

    @Test func `sends each cluster to an expert of its own`() {
        let router = Self.router(Self.clustered)
        let firsts = (0..<Self.tokens).map { token in
            let logits = Self.logits(Self.clustered, router.rows, token: token)
            return logits.indices.max { logits[$0] < logits[$1] }
        }
        #expect(Set(firsts.prefix(4)).count == 4)
        #expect(firsts.indices.allSatisfy { firsts[$0] == firsts[$0 % 4] })
        #expect(router.load.reduce(0, +) == 2 * Self.tokens)
        #expect(router.load.allSatisfy { $0 >= Self.tokens / 4 })
    }

    @Test func `depends on the seed`() {
        #expect(
            Self.router(Self.clustered, experts: 7, seed: 1).rows
                != Self.router(Self.clustered, experts: 7, seed: 2).rows)
    }

    /// Inputs that have no clusters: all zero, all equal, two kinds for seven experts, and tiny.
    @Test(arguments: [
        [Float](repeating: 0, count: tokens * width), [Float](repeating: 1.1, count: tokens * width),
        (0..<tokens * width).map { Float($0 / width % 2) },
        clustered.map { $0 * Float.leastNormalMagnitude / 64 },
        clustered.map { $0 * 0x1p122 },
    ]) func `is finite for any input`(inputs: [Float]) {
        let router = Self.router(inputs, experts: 7, choices: 7)
        #expect(router.rows.allSatisfy { $0.isFinite })
        #expect(router.load == Array(repeating: Self.tokens, count: 7))
    }
}
