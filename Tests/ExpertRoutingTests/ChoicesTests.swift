import ExpertRouting
import Testing

@Suite struct ChoicesTests {
    @Test(
        arguments: [
            ([0.1, 0.9, 0.5], 1, [1]),
            ([0.1, 0.9, 0.5], 2, [1, 2]),
            ([0.1, 0.9, 0.5], 3, [1, 2, 0]),
            ([0.5, 0.5, 0.9, 0.5], 3, [2, 0, 1]),
            ([-.infinity, .infinity, 0], 3, [1, 2, 0]),
            ([.nan, 0.5, .nan, -.infinity], 4, [1, 3, 0, 2]),
            ([.nan, .nan, .nan], 2, [0, 1]),
            ([0.5], 0, []),
        ] as [([Float], Int, [Int])])
    func `the largest logits come first, ties to the lower index, NaN last`(
        logits: [Float], count: Int, expected: [Int]
    ) {
        #expect(top(count, of: logits) == expected)
    }

    @Test func `the top agrees with a stable sort`() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<500 {
            let logits = (0..<Int.random(in: 1...70, using: &random)).map { _ in
                Float(Int.random(in: -9...9, using: &random))
            }
            let sorted = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }
            let count = Int.random(in: 0...logits.count, using: &random)
            #expect(top(count, of: logits) == Array(sorted.prefix(count)))
        }
    }

    private func top(_ count: Int, of logits: [Float]) -> [Int] {
        var experts = Array(repeating: -1, count: count)
        var span = experts.mutableSpan
        Choices.top(count, of: logits.span, into: &span)
        return experts
    }
}
