/// How a router's logits become choices and their gates.
///
/// score → (bias, closed groups: for the choice alone) → the best k → gates, the scores of the chosen.
public struct Gating: Sendable, Hashable {
    /// What a logit becomes.
    public enum Score: String, Sendable, Hashable, CaseIterable {
        /// A share of one, over all experts.
        case softmax
        /// Each expert by itself (DeepSeek-V3).
        case sigmoid
    }

    /// Experts come in groups of equal size, and a token may choose from the best groups only (DeepSeek-V2, V3).
    public struct GroupLimit: Sendable, Hashable {
        /// Divides the number of experts.
        public let groups: Int
        /// Groups that a token may choose from.
        public let kept: Int
        /// A group is worth the sum of so many of its best experts.
        public let bestOf: Int

        public init(groups: Int, kept: Int, bestOf: Int) {
            precondition(1...groups ~= kept, "of \(groups) groups \(kept) cannot be kept")
            precondition(bestOf >= 1, "a group is worth at least its best expert")
            self.groups = groups
            self.kept = kept
            self.bestOf = bestOf
        }
    }

    public let score: Score
    /// Whether a token's gates are divided by their sum.
    public let isNormalised: Bool
    /// What gates are multiplied with.
    public let scale: Float
    /// Whether a learnt bias is added to the scores for the choice, not for the gates (DeepSeek-V3).
    public let hasChoiceBias: Bool
    public let groupLimit: GroupLimit?

    public init(
        score: Score = .softmax, isNormalised: Bool, scale: Float = 1, hasChoiceBias: Bool = false,
        groupLimit: GroupLimit? = nil
    ) {
        self.score = score
        self.isNormalised = isNormalised
        self.scale = scale
        self.hasChoiceBias = hasChoiceBias
        self.groupLimit = groupLimit
    }
}

extension Gating.GroupLimit {
    /// Makes the scores of all experts outside the best groups -infinity, so that none of them is chosen before
    /// one inside.
    ///
    /// Equal groups go to the lower index.
    public func close(_ scores: inout MutableSpan<Float>) {
        let size = scores.count / groups
        precondition(size * groups == scores.count, "\(groups) groups do not divide \(scores.count) experts")
        // Every group that fewer than `kept` groups beat stays open.
        let worths = (0..<groups).map { worth(of: scores, $0 * size..<($0 + 1) * size) }
        for group in 0..<groups {
            let better = worths.indices.count { other in
                worths[other].isLarger(than: worths[group])
                    || (other < group && !worths[group].isLarger(than: worths[other]))
            }
            guard better >= kept else { continue }
            for expert in group * size..<(group + 1) * size { scores[expert] = -.infinity }
        }
    }

    /// The sum of the group's `bestOf` best scores.
    private func worth(of scores: borrowing MutableSpan<Float>, _ experts: Range<Int>) -> Float {
        var best = [Float](repeating: -.infinity, count: min(bestOf, experts.count))
        for expert in experts {
            guard let place = best.firstIndex(where: { scores[expert].isLarger(than: $0) }) else { continue }
            best.insert(scores[expert], at: place)
            best.removeLast()
        }
        return best.reduce(0, +)
    }
}
