import ExpertRouting
import Testing

@Suite struct CapacityTests {
    @Test(arguments: [(1, 1), (2, 1), (4, 1), (5, 2), (32, 8), (33, 9)])
    func `an expert has an even share of the assignments, rounded up`(tokens: Int, slots: Int) {
        let rule = CapacityRule()
        #expect(rule.slots(tokens: tokens, experts: 8, choices: 2, groupSize: 256) == slots)
    }

    @Test(arguments: [(1.0, 1), (1.25, 1), (2, 2), (4, 3), (100, 5)])
    func `a larger factor gives more slots, but never more than there are tokens`(factor: Double, slots: Int)
    {
        let rule = CapacityRule(factor: factor)
        #expect(rule.slots(tokens: 5, experts: 8, choices: 1, groupSize: 256) == slots)
    }

    @Test(arguments: [(0, 1), (1, 1), (4, 4), (9, 6)])
    func `there are at least the minimum of slots, if there are that many tokens`(minimum: Int, slots: Int) {
        let rule = CapacityRule(minimum: minimum)
        #expect(rule.slots(tokens: 6, experts: 8, choices: 1, groupSize: 256) == slots)
    }

    @Test func `padded groups have the slots of a full group`() {
        let padded = CapacityRule(basis: .padded)
        #expect(padded.slots(tokens: 20, experts: 8, choices: 2, groupSize: 32) == 8)
        #expect(padded.slots(tokens: 3, experts: 8, choices: 2, groupSize: 32) == 3)
    }

    @Test(arguments: [(CapacityRounding.up, 3), (.down, 2), (.nearestEven, 2)])
    func `two and a half slots are rounded as asked`(rounding: CapacityRounding, slots: Int) {
        let rule = CapacityRule(rounding: rounding)
        #expect(rule.slots(tokens: 10, experts: 4, choices: 1, groupSize: 256) == slots)
    }

    /// In floating point the shares are 55.00000000000001, 62.99999999999999, and so on.
    @Test(arguments: [(1.1, 200, 55), (1.4, 180, 63), (2.2, 100, 55), (2.3, 200, 115), (2.8, 90, 63)])
    func `floating point error never moves a whole share to the next number`(
        factor: Double, tokens: Int, slots: Int
    ) {
        for rounding in CapacityRounding.allCases {
            let rule = CapacityRule(factor: factor, rounding: rounding)
            #expect(rule.slots(tokens: tokens, experts: 8, choices: 2, groupSize: 256) == slots)
        }
    }

    @Test func `tenths are rounded as exact arithmetic rounds them`() {
        for tenths in 1...40 {
            for tokens in 1...200 {
                let share = tenths * 2 * tokens
                let up = CapacityRule(factor: Double(tenths) / 10, minimum: 0)
                let down = CapacityRule(factor: Double(tenths) / 10, minimum: 0, rounding: .down)
                let exact = (up: min(tokens, (share + 79) / 80), down: min(tokens, share / 80))
                #expect(up.slots(tokens: tokens, experts: 8, choices: 2, groupSize: 256) == exact.up)
                #expect(down.slots(tokens: tokens, experts: 8, choices: 2, groupSize: 256) == exact.down)
            }
        }
    }

    @Test(arguments: 1...64) func `a factor of E over K has a slot for every token`(experts: Int) {
        for choices in 1...min(experts, 8) {
            let rule = CapacityRule(factor: Double(experts) / Double(choices), minimum: 0, rounding: .down)
            for tokens in [1, 2, 3, 7, 31, 256, 1000] {
                let slots = rule.slots(tokens: tokens, experts: experts, choices: choices, groupSize: 256)
                #expect(slots == tokens)
            }
        }
    }

    @Test(arguments: [(1, 1), (3, 3), (4, 4), (20, 8), (33, 12), (10_000, 2_500)])
    func `slots come in multiples, if there are that many tokens`(tokens: Int, slots: Int) {
        let rule = CapacityRule(multiple: 4)
        #expect(rule.slots(tokens: tokens, experts: 8, choices: 2, groupSize: 256) == slots)
    }

    @Test func `no slot means none, or no limit, as the rule says`() {
        let none = CapacityRule(minimum: 0, rounding: .down, whenZero: .noSlots)
        let unlimited = CapacityRule(minimum: 0, rounding: .down, whenZero: .unlimited)
        #expect(none.slots(tokens: 3, experts: 8, choices: 2, groupSize: 256) == 0)
        #expect(unlimited.slots(tokens: 3, experts: 8, choices: 2, groupSize: 256) == 3)
        #expect(unlimited.slots(tokens: 4, experts: 8, choices: 2, groupSize: 256) == 1)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, -1e300, 1e300, 0, .leastNonzeroMagnitude])
    func `an impossible factor gives some number of slots, not a crash`(factor: Double) {
        for formula in CapacityFormula.allCases {
            let rule = CapacityRule(factor: factor, formula: formula, multiple: .max)
            #expect((0...7).contains(rule.slots(tokens: 7, experts: 8, choices: 2, groupSize: 256)))
        }
    }
}
