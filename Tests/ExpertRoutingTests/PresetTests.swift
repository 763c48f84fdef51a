import ExpertRouting
import Testing

/// Each preset against tables worked out by hand from its source, and against one picture.
@Suite struct PresetTests {
    /// Slots for 1, 3, 4, 8, 26, 30, 100 and 256 tokens, 8 experts, 2 choices.
    @Test(arguments: [
        ("deepspeed-inference", [1, 1, 1, 2, 7, 8, 25, 64]),
        ("gshard", [1, 3, 4, 4, 8, 8, 28, 64]),
        ("switch", [1, 3, 4, 4, 6, 8, 25, 64]),
        ("vmoe-bpr", [1, 3, 4, 4, 8, 8, 28, 68]),
        ("tutel", [1, 2, 2, 2, 8, 8, 26, 64]),
        ("megatron-probs", [1, 1, 1, 2, 7, 8, 25, 64]),
        ("megatron-position", [1, 1, 1, 2, 7, 8, 25, 64]),
        ("megablocks", [1, 3, 1, 2, 6, 7, 25, 64]),
        ("capacity-aware", [1, 2, 2, 3, 10, 12, 38, 96]),
        ("dropless", [1, 3, 4, 8, 26, 30, 100, 256]),
    ])
    func `a preset has its source's slots for 8 experts, top 2`(name: String, slots: [Int]) throws {
        let rule = try #require(RoutingRule.preset(named: name))
        #expect(
            [1, 3, 4, 8, 26, 30, 100, 256].map {
                rule.capacity.slots(tokens: $0, experts: 8, choices: 2, groupSize: rule.groupSize)
            } == slots)
    }

    /// Slots for 32 and 100 tokens, 64 experts, 8 choices.
    @Test(arguments: [
        ("deepspeed-inference", [4, 13]),
        ("gshard", [4, 12]),
        ("switch", [4, 4]),
        ("vmoe-bpr", [8, 16]),
        ("tutel", [8, 16]),
        ("megatron-probs", [4, 13]),
        ("megatron-position", [4, 13]),
        ("megablocks", [4, 12]),
        ("capacity-aware", [6, 19]),
        ("dropless", [32, 100]),
    ])
    func `a preset has its source's slots for 64 experts, top 8`(name: String, slots: [Int]) throws {
        let rule = try #require(RoutingRule.preset(named: name))
        #expect(
            [32, 100].map {
                rule.capacity.slots(tokens: $0, experts: 64, choices: 8, groupSize: rule.groupSize)
            } == slots)
    }

    /// Six tokens, all of which choose expert 0, first or second; so 3 to 6 slots, by preset.
    @Test(arguments: [
        (
            "deepspeed-inference",
            [
                "expert 0: a b d", "expert 1: a f", "expert 2: e b", "expert 3: c d",
                "dropped : f→0 c→0 e→0",
                "gates : a0.5 a0.25 b0.875 b0.125 c0.875 d0.625 d0.25 e1.4375 f1.0",
            ]
        ),
        (
            "gshard",
            [
                "expert 0: a b d f", "expert 1: a f", "expert 2: e b", "expert 3: c d",
                "dropped : c→0 e→0",
                "gates : a0.5 a0.25 b0.875 b0.125 c0.5 d0.625 d0.25 e1.0 f0.75 f0.25",
            ]
        ),
        (
            "switch",
            [
                "expert 0: a b d f", "expert 1: a f", "expert 2: e b", "expert 3: c d",
                "dropped : c→0 e→0",
            ]
        ),
        (
            "vmoe-bpr",
            [
                "expert 0: b f d a", "expert 1: f a", "expert 2: e b", "expert 3: c d",
                "dropped : e→0 c→0",
            ]
        ),
        (
            "tutel",
            [
                "expert 0: a b d f", "expert 1: a f", "expert 2: e b", "expert 3: c d",
                "dropped : c→0 e→0",
            ]
        ),
        (
            "megatron-probs",
            [
                "expert 0: b f d", "expert 1: a f", "expert 2: e b", "expert 3: c d",
                "dropped : a→0 e→0 c→0",
            ]
        ),
        (
            "megatron-position",
            [
                "expert 0: a b c", "expert 1: a f", "expert 2: b e", "expert 3: c d",
                "dropped : d→0 e→0 f→0",
            ]
        ),
        (
            "megablocks",
            [
                "expert 0: a b c", "expert 1: a f", "expert 2: b e", "expert 3: c d",
                "dropped : d→0 e→0 f→0",
            ]
        ),
        (
            "capacity-aware",
            [
                "expert 0: b f d a e", "expert 1: a f", "expert 2: e b", "expert 3: c d",
                "dropped : c→0",
            ]
        ),
        (
            "dropless",
            ["expert 0: a b d f c e", "expert 1: a f", "expert 2: e b", "expert 3: c d"]
        ),
    ])
    func `a preset keeps whom its source keeps`(name: String, outcome: [String]) throws {
        let tokens = [
            "tokens  1st     2nd     | preset \(name) | ",
            "a        0:.5    1:.25  | | ",
            "b        0:.875  2:.125 | | ",
            "c        3:.5    0:.375 | | ",
            "d        0:.625  3:.25  | | ",
            "e        2:1     0:.4375| | ",
            "f        0:.75   1:.25  | | ",
        ]
        try expectPlan(
            zip(tokens, outcome + Array(repeating: "", count: tokens.count))
                .map { $0 + $1 }.joined(separator: "\n"))
    }

    @Test func `the default is the first preset and what an empty initialiser gives`() {
        #expect(RoutingRule.presets.first?.name == "deepspeed-inference")
        #expect(RoutingRule.presets.first?.rule == .default)
        #expect(RoutingRule() == .default)
    }

    @Test func `every preset is valid, sourced and found by its own name`() throws {
        #expect(RoutingRule.presets.count == 10)
        for preset in RoutingRule.presets {
            try preset.rule.validate()
            #expect(RoutingRule.preset(named: preset.name) == preset.rule)
            #expect(!preset.summary.isEmpty && !preset.source.isEmpty)
        }
        #expect(RoutingRule.preset(named: "gpt-4") == nil)
    }

    @Test func `only capacity-aware leaves generated tokens alone, and none is random`() {
        for preset in RoutingRule.presets {
            #expect(preset.rule.limitsGeneratedTokens == (preset.name != "capacity-aware"))
            #expect(preset.rule.slotPriority != .random)
        }
    }
}
