import ExpertRouting
import Testing

@Suite struct OverflowTests {
    @Test func `residual leaves the kept gates as they were`() throws {
        try expectPlan(
            """
            tokens  1st    2nd    | 1 slot   | expert 0: a
            a        0:.75  1:.25 | residual | expert 1: a
            b        0:.75  2:.25 |          | expert 2: b
                                  |          | dropped : b→0
                                  |          | gates   : a0.75 a0.25 b0.25
            """)
    }

    @Test func `renormalise scales the kept gates to sum to what all gates summed to`() throws {
        try expectPlan(
            """
            tokens  1st   2nd     3rd     | 1 slot      | expert 0: a
            a        0:.5  1:.25   2:.125 | renormalise | expert 1: a
            b        0:.5  3:.125  4:.125 |             | expert 2: a
                                          |             | expert 3: b
                                          |             | expert 4: b
                                          |             | dropped : b→0
                                          |             | gates   : a0.5 a0.25 a0.125 b0.375 b0.375
            """)
    }

    @Test func `renormalise scales a token that lost twice only once`() throws {
        try expectPlan(
            """
            tokens  1st   2nd    3rd    | 1 slot      | expert 0: a
            a        0:.5  1:.25  2:.25 | renormalise | expert 1: a
            b        0:.5  1:.25  3:.25 |             | expert 2: a
                                        |             | expert 3: b
                                        |             | dropped : b→0 b→1
                                        |             | gates   : a0.5 a0.25 a0.25 b1.0
            """)
    }

    @Test func `renormalise leaves a token that lost everything with nothing`() throws {
        try expectPlan(
            """
            tokens  1st   2nd   | 1 slot      | expert 0: a
            a        0:.5  1:.5 | renormalise | expert 1: a
            b        0:.5  1:.5 |             | dropped : b→0 b→1
                                |             | gates   : a0.5 a0.5
            """)
    }

    @Test func `renormalise leaves gates of zero alone`() throws {
        try expectPlan(
            """
            tokens  1st  2nd  | 1 slot      | expert 0: a
            a        0:1  1:0 | renormalise | expert 1: a
            b        0:1  2:0 |             | expert 2: b
                              |             | dropped : b→0
                              |             | gates   : a1.0 a0.0 b0.0
            """)
    }

    @Test func `reroute goes to the next best expert and keeps the lost gate`() throws {
        try expectPlan(
            """
            tokens  1st    2nd          | 1 slot  | expert 0: a
            a        0:.75  1:.25 > 2 3 | reroute | expert 1: a
            b        0:.5   2:.25 > 3 1 |         | expert 2: b
                                        |         | expert 3: b
                                        |         | gates   : a0.75 a0.25 b0.5 b0.25
            """)
    }

    @Test func `reroute begins when every assignment has asked once`() throws {
        try expectPlan(
            """
            tokens  1st 2nd      | 1 slot  | expert 0: a
            a        0   1  > 3  | reroute | expert 1: a
            b        0   2  > 3  |         | expert 2: b
            c        3   1  > 2  |         | expert 3: c
                                 |         | dropped : b→0 c→1
            """)
    }

    @Test func `reroute serves the losers in the order in which they asked`() throws {
        try expectPlan(
            """
            tokens  1st          | 1 slot  | expert 0: b
            a        0:.5 > 1    | gate    | expert 1: c
            b        0:.9 > 1    | reroute | dropped : a→0
            c        0:.7 > 1    |         |
            """)
    }

    @Test func `reroute never gives a token the same expert twice`() throws {
        try expectPlan(
            """
            tokens  1st 2nd     | 2 slots | expert 0: a b
            a        0   3      | reroute | expert 1: c
            b        0   3      |         | expert 2: c
            c        1   0  > 2 |         | expert 3: a b
            """)
    }

    @Test func `reroute sends equal logits to the lower index`() throws {
        try expectPlan(
            """
            tokens  1st | 1 slot  | expert 0: a
            a        0  | reroute | expert 1: b
            b        0  |         | expert 2: c
            c        0  |         |
            """)
    }

    @Test func `a rerouted assignment says which expert it had chosen`() throws {
        let drawing = try Drawing(
            """
            tokens  1st | 1 slot  | expert 0: a
            a        0  | reroute | expert 1: b
            b        0  |         |
            """)
        let group = RoutingGroup(kind: .shared, tokens: [0, 1], rule: drawing.rule)
        let plan = RoutingPlan.plan(drawing.choices, in: [group], layer: 0, step: 0)
        #expect(plan.kept.map(\.chosenExpert) == [0, 0])
        #expect(plan.kept.map(\.isRerouted) == [false, true])
    }

    @Test func `reroute accepts logits that are not numbers, last`() {
        let choices = Choices(
            tokenCount: 3, expertCount: 4, choicesPerToken: 1, experts: [0, 0, 0], gates: [1, 1, 1],
            logits: [1, 0, 0, 0, 1, .nan, .nan, -.infinity, 1, .nan, .nan, .nan])
        let rule = RoutingRule(capacity: CapacityRule(factor: 0.1), overflow: .reroute)
        let group = RoutingGroup(kind: .shared, tokens: [0, 1, 2], rule: rule)
        let plan = RoutingPlan.plan(choices, in: [group], layer: 0, step: 0)
        #expect(plan.kept.map(\.expert) == [0, 3, 1])
    }
}
