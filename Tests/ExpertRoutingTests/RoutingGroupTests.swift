import ExpertRouting
import Testing

/// Steps are drawn as words: a lower-case letter is the next prompt token of that sequence, an upper-case
/// letter a generated one.
@Suite struct RoutingGroupTests {
    @Test(arguments: [
        ("aaaaaabbbC", "aaaa aabb bC"),
        ("ABCDEFGHI", "ABCD EFGH I"),
        ("aaaabbbb", "aaaa bbbb"),
        ("", ""),
    ])
    func `cross-sequence tokens are cut into runs of the group size`(step: String, groups: String) {
        #expect(drawn(step, rule: RoutingRule(groupSize: 4)) == groups)
    }

    @Test(arguments: [
        ("aaaaaabbbC", "aaaa aa bbb C"),
        ("AAB", "A A B"),
        ("abababab", "aaaa bbbb"),
        ("aaabaab", "aaaa bb a"),
    ])
    func `per-sequence tokens form groups of their own`(step: String, groups: String) {
        let isolated = Dictionary(uniqueKeysWithValues: "abc".map { ($0, Isolation.perSequence) })
        #expect(drawn(step, isolation: isolated, rule: RoutingRule(groupSize: 4)) == groups)
    }

    @Test func `tokens of different rules never share a group, and a rule's groups are those it has alone`() {
        let rules = [RoutingRule(groupSize: 3), RoutingRule(groupSize: 5, limitsGeneratedTokens: false)]
        forEachScene { scene in
            var tokens = scene.tokens
            for index in tokens.indices { tokens[index].rule = tokens[index].sequence % 2 }
            let groups = RoutingGroup.groups(of: tokens, under: rules)
            for (rule, number) in zip(rules, 0...) {
                let own = tokens.indices.filter { tokens[$0].rule == number }
                let alone = RoutingGroup.groups(of: own.map { tokens[$0] }, under: [rule, rule])
                #expect(
                    groups.filter { $0.rule == rule }
                        == alone.map {
                            RoutingGroup(kind: $0.kind, tokens: $0.tokens.map { own[$0] }, rule: rule)
                        })
            }
        }
    }

    @Test func `isolations share a step`() {
        let isolation: [Character: Isolation] = ["b": .perSequence, "d": .dropless, "e": .dropless]
        let step = "aaabbbbbBccdddcEA"
        #expect(
            drawn(step, isolation: isolation, rule: RoutingRule(groupSize: 4)) == "aaac bbbb b B ccA dddE")
    }

    @Test func `generated tokens are unlimited where the rule limits prompts only`() {
        let rule = RoutingRule(groupSize: 4, limitsGeneratedTokens: false)
        #expect(drawn("aaaaaABcBc", isolation: ["b": .perSequence], rule: rule) == "aaaa acc ABB")
        let groups = RoutingGroup.groups(of: tokens("Aaa"), under: rule)
        #expect(groups.map(\.kind) == [.unlimited, .shared])
    }

    @Test(arguments: [(0, [4, 4, 1]), (4, [4, 4, 1]), (5, [3, 4, 2]), (7, [1, 4, 4])])
    func `a prompt is cut at absolute positions, wherever the chunk begins`(start: Int, sizes: [Int]) {
        let chunk = (start..<start + 9).map {
            StepToken(sequence: 7, position: $0, promptCount: 99, isolation: .perSequence)
        }
        let groups = RoutingGroup.groups(of: chunk, under: RoutingRule(groupSize: 4))
        #expect(groups.map(\.tokens.count) == sizes)
        let first = start / 4 * 4
        #expect(groups.map(\.kind) == [0, 4, 8].map { .isolated(firstPosition: first + $0) })
    }

    @Test func `a generated token is a group at its own position`() {
        let token = StepToken(sequence: 7, position: 21, promptCount: 21, isolation: .perSequence)
        let groups = RoutingGroup.groups(of: [token], under: RoutingRule(groupSize: 4))
        #expect(
            groups == [
                RoutingGroup(kind: .isolated(firstPosition: 21), tokens: [0], rule: RoutingRule(groupSize: 4))
            ])
    }

    @Test(arguments: [1, 3, 4, 8, 11]) func `alone, both isolations cut the same groups`(count: Int) {
        for start in [0, 4, 12] {
            let groups = [Isolation.crossSequence, .perSequence].map { isolation in
                let chunk = (start..<start + count).map {
                    StepToken(sequence: 0, position: $0, promptCount: 99, isolation: isolation)
                }
                return RoutingGroup.groups(of: chunk, under: RoutingRule(groupSize: 4)).map(\.tokens)
            }
            #expect(groups[0] == groups[1])
        }
    }

    @Test func `every token is in exactly one group, ascending`() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<200 {
            let scene = Scene(using: &random)
            let groups = RoutingGroup.groups(of: scene.tokens, under: scene.rule)
            #expect(groups.flatMap(\.tokens).sorted() == Array(scene.tokens.indices))
            for group in groups {
                #expect(group.tokens == group.tokens.sorted())
                #expect(group.kind == .unlimited || group.tokens.count <= scene.rule.groupSize)
            }
        }
    }

    @Test func `an impossible group size stops the program with a reason`() async {
        await #expect(processExitsWith: .failure) {
            _ = RoutingGroup.groups(of: [], under: RoutingRule(groupSize: 0))
        }
    }

    private func tokens(_ step: String, isolation: [Character: Isolation] = [:]) -> [StepToken] {
        var positions: [Character: Int] = [:]
        return step.map { letter in
            let name = Character(letter.lowercased())
            let position = positions[name, default: 0]
            positions[name] = position + 1
            return StepToken(
                sequence: Int(name.asciiValue ?? 0), position: position,
                promptCount: letter.isLowercase ? .max : 0,
                isolation: isolation[name] ?? .crossSequence)
        }
    }

    private func drawn(_ step: String, isolation: [Character: Isolation] = [:], rule: RoutingRule) -> String {
        let letters = Array(step)
        return RoutingGroup.groups(of: tokens(step, isolation: isolation), under: rule)
            .map { group in String(group.tokens.map { letters[$0] }) }
            .joined(separator: " ")
    }
}
