/// What becomes of an assignment that finds its expert full.
public enum OverflowPolicy: String, Sendable, Hashable, CaseIterable, Codable {
    /// The lost assignment adds nothing; the residual stream alone carries the token past that expert.
    case residual
    /// As `residual`, and the token's kept gates are scaled to sum to what all its gates summed to. A token
    /// that lost every assignment adds nothing.
    case renormalise
    /// The lost assignment goes, with its gate, to the token's next best expert.
    ///
    /// Rerouting begins when every assignment of the group has asked once, and serves the losers in the order
    /// in which they asked; so it never takes a slot that someone chose. The next best expert is the one
    /// with the largest logit (ties to the lower index) that does not have the token yet and has a free slot;
    /// if there is none, the assignment is dropped.
    case reroute
}

extension PlanDraft {
    /// Applies `policy` to the open group's refused assignments; those still refused afterwards are dropped.
    mutating func settle(_ policy: OverflowPolicy) {
        switch policy {
        case .residual: break
        case .renormalise: renormaliseRefused()
        case .reroute: rerouteRefused()
        }
    }

    /// Scales what is left to the tokens that lost something.
    ///
    /// Gates are read from `choices`, never from a placement, so a token that lost twice is not scaled twice.
    private mutating func renormaliseRefused() {
        for assignment in refused {
            let row = row(of: assignment)
            var wanted: Float = 0
            var granted: Float = 0
            for index in row {
                wanted += choices.gates[index]
                if placements[index] != nil { granted += choices.gates[index] }
            }
            guard granted > 0 else { continue }
            for index in row {
                placements[index]?.gate = choices.gates[index] * (wanted / granted)
            }
        }
    }

    private mutating func rerouteRefused() {
        var lost: [Int] = []
        for assignment in refused {
            if let expert = nextBestExpert(for: assignment) {
                reroute(assignment, to: expert)
            } else {
                lost.append(assignment)
            }
        }
        refused = lost
    }

    /// The expert with the largest logit that has a free slot and not yet the token.
    private func nextBestExpert(for assignment: Int) -> Int? {
        let row = row(of: assignment)
        let logits = assignment / choices.choicesPerToken * choices.expertCount
        var best: Int?
        for expert in 0..<choices.expertCount where hasFreeSlot(expert) {
            if row.contains(where: { placements[$0]?.expert == expert }) { continue }
            if let best, !choices.logits[logits + expert].isLarger(than: choices.logits[logits + best]) {
                continue
            }
            best = expert
        }
        return best
    }

    /// All assignments of the token whose assignment this is.
    private func row(of assignment: Int) -> Range<Int> {
        let first = assignment - assignment % choices.choicesPerToken
        return first..<first + choices.choicesPerToken
    }
}
