import Testing

@testable import ExpertRouting

@Suite struct SeededShuffleTests {
    @Test(arguments: [0, 1, 2, 3, 17, 500]) func `a shuffle is a permutation`(count: Int) {
        var items = Array(0..<count)
        SeededShuffle(seed: 1, layer: 2, moment: 3).permute(&items)
        #expect(items.sorted() == Array(0..<count))
    }

    @Test func `a shuffle does not change from release to release`() {
        var items = Array(0..<8)
        SeededShuffle(seed: 1, layer: 2, moment: 3).permute(&items)
        #expect(items == [5, 0, 4, 1, 2, 3, 6, 7])
    }

    @Test func `every permutation of three is about as frequent as the others`() {
        var counts: [[Int]: Int] = [:]
        for moment in 0..<6000 {
            var items = [0, 1, 2]
            SeededShuffle(seed: 9, layer: 0, moment: moment).permute(&items)
            counts[items, default: 0] += 1
        }
        #expect(counts.count == 6)
        // Six standard deviations of a binomial count around 1000.
        #expect(counts.values.allSatisfy { (827...1173).contains($0) })
    }
}
