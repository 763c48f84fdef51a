/// What happens to an assignment whose expert is full.
public enum OverflowPolicy: String, Sendable, Hashable, CaseIterable, Codable {
    /// The assignment adds nothing. The residual connection alone carries the token past that expert.
    case residual
    /// As `residual`, but the token's kept gates are scaled up to the sum that all its gates had. A token that lost all
    /// its assignments gets nothing.
    case renormalise
    /// The assignment, with its gate, goes to the token's next best expert.
    ///
    /// Rerouting starts after every assignment of the group has asked for its own expert, so it never takes a slot that
    /// another token chose. Refused assignments are rerouted in the order in which they asked. The next best expert has
    /// the largest logit (ties to the lower index) among those with a free slot that do not already compute the token.
    /// If there is none, the assignment is dropped.
    case reroute
}

extension PlanDraft {
    /// Applies `policy` to the open group's refused assignments.
    ///
    /// Those that are still refused afterwards are dropped.
    mutating func settle(_ policy: OverflowPolicy) {
        switch policy {
        case .residual: break
        case .renormalise: renormaliseRefused()
        case .reroute: rerouteRefused()
        }
    }

    /// Scales the kept gates of tokens that lost an assignment.
    ///
    /// It reads gates from `choices`, not from placements, so that a token with two losses is not scaled twice.
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

    /// The expert with the largest logit that has a free slot and does not compute the token yet.
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

    /// All assignments of the token that `assignment` belongs to.
    private func row(of assignment: Int) -> Range<Int> {
        let first = assignment - assignment % choices.choicesPerToken
        return first..<first + choices.choicesPerToken
    }
}
