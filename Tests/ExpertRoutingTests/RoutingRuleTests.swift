import ExpertRouting
import Testing

@Suite struct RoutingRuleTests {
    @Test(arguments: [
        (RoutingRule(groupSize: 0), InvalidRoutingRule.groupSizeBelowOne(0)),
        (RoutingRule(groupSize: -256), .groupSizeBelowOne(-256)),
        (RoutingRule(capacity: CapacityRule(factor: 0)), .factorNotPositive(0)),
        (RoutingRule(capacity: CapacityRule(factor: -1.5)), .factorNotPositive(-1.5)),
        (RoutingRule(capacity: CapacityRule(factor: .infinity)), .factorNotPositive(.infinity)),
        (RoutingRule(capacity: CapacityRule(minimum: -1)), .minimumBelowZero(-1)),
        (RoutingRule(capacity: CapacityRule(multiple: 0)), .multipleBelowOne(0)),
    ])
    func `an impossible value is named`(rule: RoutingRule, problem: InvalidRoutingRule) {
        #expect(throws: problem) { try rule.validate() }
    }

    @Test func `a factor that is not a number is refused`() {
        let rule = RoutingRule(capacity: CapacityRule(factor: .nan))
        let error = #expect(throws: InvalidRoutingRule.self) { try rule.validate() }
        #expect(error?.description.hasPrefix("capacity factor is nan: ") == true)
    }

    @Test func `a refusal says what is wrong and what to do`() {
        #expect(
            InvalidRoutingRule.factorNotPositive(-1).description
                == "capacity factor is -1.0: it must be a finite number above 0; "
                + "to drop nothing, use the dropless preset or isolation")
    }

    @Test func `the names of the knobs are the documented ones`() {
        #expect(Isolation.allCases.map(\.rawValue) == ["cross-sequence", "per-sequence", "dropless"])
        #expect(
            SlotPriority.allCases.map(\.rawValue)
                == ["choice-major", "token-major", "gate", "batch-prioritised", "random"])
        #expect(OverflowPolicy.allCases.map(\.rawValue) == ["residual", "renormalise", "reroute"])
        #expect(CapacityBasis.allCases.map(\.rawValue) == ["tokens", "padded"])
    }
}
