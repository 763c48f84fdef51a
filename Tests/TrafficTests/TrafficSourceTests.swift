import ExpertRouting
import Testing
import Traffic

@Suite struct `A source of traffic` {
    private static let profile = TrafficProfile(
        meanThink: 500_000, modelCount: 2, promptCount: 3, lengths: 10...20)

    private static func turns(
        seed: UInt64, count: Int = 20_000, _ profile: TrafficProfile = profile
    ) -> [TrafficTurn] {
        var source = TrafficSource(profile, generator: SplitMix64(seed: seed))
        return (0..<count).map { _ in source.next() }
    }

    @Test func `repeats for the same seed and differs for another`() {
        #expect(Self.turns(seed: 1) == Self.turns(seed: 1))
        #expect(Self.turns(seed: 1) != Self.turns(seed: 2))
    }

    /// Whoever changes a draw changes every experiment: this is the sequence.
    @Test func `draws the same turns in every release`() {
        let turns = Self.turns(seed: 1, count: 3)
        #expect(turns.map(\.think) == [283_280, 381_447, 202_071])
        #expect(turns.map(\.model) == [1, 1, 0])
        #expect(turns.map(\.prompt) == [1, 0, 1])
        #expect(turns.map(\.length) == [14, 18, 14])
    }

    @Test func `thinks for exponentially distributed times`() {
        let mean = Double(Self.profile.meanThink)
        let times = Self.turns(seed: 3).map { Double($0.think) }
        // Five standard errors of each.
        #expect(abs(times.reduce(0, +) / 20_000 / mean - 1) < 0.036)
        for (beyond, share) in [(0.5, 0.6065), (1, 0.3679), (2, 0.1353), (3, 0.0498)] {
            #expect(abs(Double(times.count { $0 > beyond * mean }) / 20_000 - share) < 0.018)
        }
    }

    @Test func `asks every model, prompt and length about as often`() {
        let turns = Self.turns(seed: 4)
        for (values, count) in [(turns.map(\.model), 2), (turns.map(\.prompt), 3), (turns.map(\.length), 11)]
        {
            let counts = Dictionary(grouping: values, by: \.self).mapValues(\.count)
            #expect(counts.count == count)
            let expected = 20_000 / Double(count)
            #expect(counts.values.allSatisfy { abs(Double($0) - expected) < 6 * expected.squareRoot() })
        }
        #expect(Set(turns.map(\.length)) == Set(10...20))
    }

    @Test func `of no models and no prompts still asks`() {
        let profile = TrafficProfile(meanThink: 0, modelCount: 0, promptCount: 0, lengths: 5...5)
        #expect(
            Self.turns(seed: 1, count: 100, profile).allSatisfy { $0.think == 0 && $0.length == 5 })
    }
}
