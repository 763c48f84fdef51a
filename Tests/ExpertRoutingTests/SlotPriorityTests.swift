import ExpertRouting
import Testing

@Suite struct SlotPriorityTests {
    @Test func `an expert keeps only as many tokens as it has slots`() throws {
        try expectPlan(
            """
            tokens  1st | 2 slots | expert 0: a b
            a        0  |         | expert 1: d
            b        0  |         | dropped : c→0
            c        0  |         |
            d        1  |         |
            """)
    }

    @Test func `choice-major serves every first choice before any second one`() throws {
        try expectPlan(
            """
            tokens  1st 2nd | 1 slot       | expert 0: a
            a        0   1  | choice-major | expert 1: b
            b        1   0  |              | dropped : a→1 b→0
            """)
    }

    @Test func `token-major serves all choices of a token before the next token`() throws {
        try expectPlan(
            """
            tokens  1st 2nd | 1 slot      | expert 0: a
            a        0   1  | token-major | expert 1: a
            b        1   0  |             | dropped : b→1 b→0
            """)
    }

    @Test func `gate serves the larger gate first, whichever choice it is`() throws {
        try expectPlan(
            """
            tokens  1st   2nd   | 1 slot | expert 0: b
            a        0:.5  1:.4 | gate   | expert 1: a
            b        0:.6  2:.3 |        | expert 2: c
            c        2:.9  1:.1 |        | dropped : a→0 b→2 c→1
            """)
    }

    @Test func `equal gates are served in token order, then choice order`() throws {
        try expectPlan(
            """
            tokens  1st   2nd   | 1 slot | expert 0: a
            a        0:.5  1:.5 | gate   | expert 1: a
            b        1:.5  0:.5 |        | dropped : b→1 b→0
            """)
    }

    @Test func `batch-prioritised serves confident tokens first, but no second choice before a first`() throws
    {
        let picture = """
            tokens  1st   2nd   | 1 slot            | expert 0: b
            a        0:.5  1:.1 | batch-prioritised | expert 1: c
            b        0:.9  1:.8 |                   | dropped : a→0 b→1 c→0 a→1
            c        1:.7  0:.2 |                   |
            """
        try expectPlan(picture)
    }

    @Test func `gate differs from batch-prioritised for a strong second choice`() throws {
        try expectPlan(
            """
            tokens  1st   2nd   | 1 slot | expert 0: b
            a        0:.5  1:.1 | gate   | expert 1: b
            b        0:.9  1:.8 |        | dropped : c→1 a→0 c→0 a→1
            c        1:.7  0:.2 |        |
            """)
    }

    @Test(arguments: ["gate", "batch-prioritised"]) func `a gate that is not a number asks last`(
        priority: String
    ) throws {
        try expectPlan(
            """
            tokens  1st   | 1 slot      | expert 0: c
            a        0:nan | \(priority) | dropped : d→0 a→0 b→0
            b        0:nan |             |
            c        0:.2  |             |
            d        0:.1  |             |
            """)
    }

    @Test func `random keeps the same tokens again for the same seed, layer and step`() throws {
        let drawing = try Drawing(Self.crowd)
        #expect(drawing.drawn(layer: 3, step: 7) == drawing.drawn(layer: 3, step: 7))
    }

    @Test func `random keeps other tokens for another seed, layer or step`() throws {
        var drawing = try Drawing(Self.crowd)
        let before = drawing.drawn(layer: 3, step: 7)
        #expect(drawing.drawn(layer: 4, step: 7) != before)
        #expect(drawing.drawn(layer: 3, step: 8) != before)
        drawing.rule.seed = 1
        #expect(drawing.drawn(layer: 3, step: 7) != before)
    }

    @Test func `random ignores the step in an isolated group`() throws {
        let drawing = try Drawing(Self.crowd)
        let group = RoutingGroup(
            kind: .isolated(firstPosition: 256), tokens: Array(0..<8), rule: drawing.rule)
        let plans = [1, 2, 99].map { step in
            RoutingPlan.plan(drawing.choices, in: [group], layer: 0, step: step)
        }
        #expect(Set(plans).count == 1)
        let elsewhere = RoutingGroup(
            kind: .isolated(firstPosition: 512), tokens: Array(0..<8), rule: drawing.rule)
        let plan = RoutingPlan.plan(drawing.choices, in: [elsewhere], layer: 0, step: 1)
        #expect(plan.kept != plans[0].kept)
    }

    @Test func `random ignores gates and logits`() throws {
        let drawing = try Drawing(Self.crowd)
        let others = try Drawing(Self.crowd.replacing("0 ", with: "0:.5"))
        #expect(drawing.drawn(step: 5) == others.drawn(step: 5))
    }

    private static let crowd = """
        tokens  1st | 3 slots | expert 0:
        a        0  | random  |
        b        0  |         |
        c        0  |         |
        d        0  |         |
        e        0  |         |
        f        0  |         |
        g        0  |         |
        h        0  |         |
        """
}
