/// A plan while it is made: group after group is opened, asks, settles and is closed.
struct PlanDraft {
    /// Where an assignment landed.
    struct Placement {
        let expert: Int
        let slot: Int
        let group: Int
        var gate: Float
    }

    let choices: Choices
    /// Shape [T·K]: where each assignment landed; `nil` if it has not asked or was refused.
    var placements: [Placement?]
    /// The open group's assignments that found no slot, in the order in which they asked.
    var refused: [Int] = []
    private var dropped: [DroppedAssignment] = []
    private var group = 0
    private var capacity = 0
    /// Shape [E]: slots taken in the open group.
    private var taken: [Int]

    init(_ choices: Choices) {
        self.choices = choices
        placements = Array(repeating: nil, count: choices.experts.count)
        taken = Array(repeating: 0, count: choices.expertCount)
    }

    /// Begins a group in which each expert has `capacity` slots.
    mutating func open(group: Int, capacity: Int) {
        self.group = group
        self.capacity = capacity
        for expert in taken.indices { taken[expert] = 0 }
    }

    /// Gives each assignment, in this order, the next slot of its expert, or refuses it.
    mutating func ask(_ assignments: [Int]) {
        for assignment in assignments {
            let expert = choices.experts[assignment]
            if hasFreeSlot(expert) {
                place(assignment, with: expert)
            } else {
                refused.append(assignment)
            }
        }
    }

    /// Ends the group: what is still refused is dropped.
    mutating func close() {
        for assignment in refused {
            dropped.append(
                DroppedAssignment(
                    token: assignment / choices.choicesPerToken,
                    choice: assignment % choices.choicesPerToken, expert: choices.experts[assignment],
                    group: group, gate: choices.gates[assignment]))
        }
        refused.removeAll(keepingCapacity: true)
    }

    func hasFreeSlot(_ expert: Int) -> Bool { taken[expert] < capacity }

    /// Gives `assignment` the next slot of `expert`, which must have a free one.
    mutating func place(_ assignment: Int, with expert: Int) {
        placements[assignment] = Placement(
            expert: expert, slot: taken[expert], group: group, gate: choices.gates[assignment])
        taken[expert] += 1
    }

    /// The finished plan, once every group is closed.
    func plan(_ groups: [RoutingGroup]) -> RoutingPlan {
        var kept: [KeptAssignment] = []
        kept.reserveCapacity(placements.count - dropped.count)
        for token in 0..<choices.tokenCount {
            for choice in 0..<choices.choicesPerToken {
                let assignment = token * choices.choicesPerToken + choice
                guard let placement = placements[assignment] else { continue }
                kept.append(
                    KeptAssignment(
                        token: token, choice: choice, expert: placement.expert, slot: placement.slot,
                        group: placement.group, gate: placement.gate,
                        chosenExpert: choices.experts[assignment]))
            }
        }
        return RoutingPlan(groups: groups, kept: kept, dropped: dropped)
    }
}
