import ExpertRouting

/// The row of each kept assignment in matrices gathered by expert: a counting sort of the plan by expert.
struct ExpertDispatch {
    /// The experts that hold a token, ascending.
    private(set) var active: [Int] = []
    /// Shape [kept assignments]: the row of each.
    private(set) var place: [Int] = []
    /// Shape [E + 1]: the first row of each expert, then the number of rows.
    private var firstRow: [Int]
    private var next: [Int]

    init(expertCount: Int, assignments: Int) {
        firstRow = Array(repeating: 0, count: expertCount + 1)
        next = firstRow
        active.reserveCapacity(expertCount)
        place.reserveCapacity(assignments)
    }

    /// The rows of `expert`, in token order.
    func rows(of expert: Int) -> Range<Int> { firstRow[expert]..<firstRow[expert + 1] }

    /// Computes the rows for a plan.
    mutating func arrange(_ kept: [KeptAssignment]) {
        for index in firstRow.indices { firstRow[index] = 0 }
        for assignment in kept { firstRow[assignment.expert + 1] += 1 }
        for expert in firstRow.indices.dropLast() { firstRow[expert + 1] += firstRow[expert] }
        for index in next.indices { next[index] = firstRow[index] }
        place.removeAll(keepingCapacity: true)
        for assignment in kept {
            place.append(next[assignment.expert])
            next[assignment.expert] += 1
        }
        active.removeAll(keepingCapacity: true)
        for expert in firstRow.indices.dropLast() where !rows(of: expert).isEmpty { active.append(expert) }
    }
}
