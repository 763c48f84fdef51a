/// How a router's logits become choices and gates.
///
/// Logits become scores. The k best experts are chosen by score, plus a bias and minus closed groups if the model has
/// them. The gates are the chosen experts' scores, without the bias.
public struct Gating: Sendable, Hashable {
    /// How logits become scores.
    public enum Score: String, Sendable, Hashable, CaseIterable {
        /// Softmax over all experts.
        case softmax
        /// A sigmoid for each expert (DeepSeek-V3).
        case sigmoid
    }

    /// Experts form groups of equal size, and a token may only choose from its best groups (DeepSeek-V2, V3).
    public struct GroupLimit: Sendable, Hashable {
        /// Number of groups; must divide the number of experts.
        public let groups: Int
        /// Number of groups that a token may choose from.
        public let kept: Int
        /// A group's value is the sum of this many of its best scores.
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
    /// Gates are multiplied by this.
    public let scale: Float
    /// Whether a learnt bias is added to the scores when choosing.
    ///
    /// Gates never include it (DeepSeek-V3).
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
    /// Sets the scores of all experts outside the best groups to -infinity, so that they are chosen last.
    ///
    /// Ties between groups go to the lower index.
    public func close(_ scores: inout MutableSpan<Float>) {
        let size = scores.count / groups
        precondition(size * groups == scores.count, "\(groups) groups do not divide \(scores.count) experts")
        // A group stays open if fewer than `kept` groups beat it.
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
