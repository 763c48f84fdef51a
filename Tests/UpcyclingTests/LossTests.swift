import ExpertRouting
import Testing
import Transformer
import Upcycling

/// What a token's losses do to the text of a mixture of copies.
///
/// Two experts, both chosen by every token: the first choices find slots, and some of the second ones do not.
@Suite struct `With copies, a token that loses one of its two experts` {
    private static func passes(
        _ overflow: OverflowPolicy, factor: Double
    ) throws -> (full: Pass, limited: Pass) {
        let model = try Upcycled(tiny("tiny-llama")) { $0.experts = 2 }.model()
        var rule = RoutingRule.default
        rule.slotPriority = .choiceMajor
        rule.capacity.factor = factor
        rule.overflow = overflow
        return (Pass(model, prompt), Pass(model, prompt, isolation: .perSequence, rule: rule))
    }

    @Test func `is not changed by renormalise, up to rounding`() throws {
        let (full, limited) = try Self.passes(.renormalise, factor: 0.95)
        #expect(!limited.dropped.isEmpty && limited.dropped.allSatisfy { $0.choice == 1 })
        #expect(limited.difference(from: full) < 1e-4)
    }

    @Test func `is changed by residual`() throws {
        let (full, limited) = try Self.passes(.residual, factor: 0.95)
        #expect(!limited.dropped.isEmpty && limited.dropped.allSatisfy { $0.choice == 1 })
        #expect(limited.difference(from: full) > 1e-2)
    }

    @Test(arguments: [OverflowPolicy.renormalise, .residual])
    func `and the other one too is changed by either`(overflow: OverflowPolicy) throws {
        let (full, limited) = try Self.passes(overflow, factor: 0.3)
        #expect(limited.dropped.contains { $0.choice == 0 })
        #expect(limited.difference(from: full) > 1e-2)
    }
}
