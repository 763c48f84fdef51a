import ExpertRouting
import Testing

/// A token may choose from the best groups of experts only (DeepSeek-V2, V3).
struct GroupLimitTests {
    private func open(_ limit: Gating.GroupLimit, of scores: [Float]) -> [Int] {
        var scores = scores
        var span = scores.mutableSpan
        limit.close(&span)
        return scores.indices.filter { scores[$0] > -.infinity }
    }

    @Test func `the groups with the best expert stay open`() {
        let scores: [Float] = [0.1, 0.2, 0.9, 0.0, 0.3, 0.3, 0.4, 0.0]
        #expect(open(.init(groups: 4, kept: 2, bestOf: 1), of: scores) == [2, 3, 6, 7])
        #expect(open(.init(groups: 2, kept: 1, bestOf: 1), of: scores) == [0, 1, 2, 3])
    }

    @Test func `a group may be worth its two best experts together`() {
        let scores: [Float] = [0.5, 0.0, 0.0, 0.3, 0.3, 0.0]
        #expect(open(.init(groups: 2, kept: 1, bestOf: 1), of: scores) == [0, 1, 2])
        #expect(open(.init(groups: 2, kept: 1, bestOf: 2), of: scores) == [3, 4, 5])
    }

    @Test func `of equal groups the lower stays open, and as many as asked for`() {
        let equal = [Float](repeating: 0.25, count: 8)
        #expect(open(.init(groups: 4, kept: 3, bestOf: 2), of: equal) == [0, 1, 2, 3, 4, 5])
        #expect(open(.init(groups: 4, kept: 4, bestOf: 1), of: equal) == Array(0..<8))
    }

    @Test func `NaN is the smallest score`() {
        let scores: [Float] = [.nan, .nan, 0.1, 0.2, .nan, .nan]
        #expect(open(.init(groups: 3, kept: 1, bestOf: 1), of: scores) == [2, 3])
    }
}
