/// A plan under construction.
///
/// Call `begin`, then `open`, `ask`, `settle` and `close` for each group, then `finish`.
struct PlanDraft {
    /// The slot that an assignment got.
    struct Placement {
        let expert: Int
        let slot: Int
        let group: Int
        var gate: Float
    }

    private(set) var choices = Choices.none
    /// Shape [T·K]: each assignment's slot; `nil` if it was refused or has not asked yet.
    var placements: [Placement?] = []
    /// The open group's refused assignments, in the order in which they asked.
    var refused: [Int] = []
    private var dropped: [DroppedAssignment] = []
    /// Whether fates, and the holders that they name, are recorded.
    var recordsFates = false
    private var fates: [Fate] = []
    /// Shape [E]: the tokens in each expert's slots of the open group, where fates are recorded.
    private var holders: [[Int]] = []
    private var group = 0
    private var capacity = 0
    /// Shape [E]: slots taken in the open group.
    private var taken: [Int] = []

    /// Starts a plan.
    mutating func begin(_ choices: Choices) {
        self.choices = choices
        placements.removeAll(keepingCapacity: true)
        placements.append(contentsOf: repeatElement(nil, count: choices.experts.count))
        taken.removeAll(keepingCapacity: true)
        taken.append(contentsOf: repeatElement(0, count: choices.expertCount))
        dropped.removeAll(keepingCapacity: true)
        fates.removeAll(keepingCapacity: true)
    }

    /// Starts a group in which each expert has `capacity` slots.
    mutating func open(group: Int, capacity: Int) {
        self.group = group
        self.capacity = capacity
        for expert in taken.indices { taken[expert] = 0 }
        if recordsFates { holders = Array(repeating: [], count: taken.count) }
    }

    /// Gives each assignment, in this order, the next free slot of its expert, or refuses it.
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

    /// Ends the group.
    ///
    /// Assignments that are still refused are dropped.
    mutating func close() {
        for assignment in refused {
            dropped.append(
                DroppedAssignment(
                    token: assignment / choices.choicesPerToken,
                    choice: assignment % choices.choicesPerToken, expert: choices.experts[assignment],
                    group: group, gate: choices.gates[assignment]))
            record(.lost, of: assignment)
        }
        refused.removeAll(keepingCapacity: true)
    }

    /// Gives a refused assignment a slot of another expert, which must have a free one.
    mutating func reroute(_ assignment: Int, to expert: Int) {
        record(.rerouted(to: expert), of: assignment)
        place(assignment, with: expert)
    }

    private mutating func record(_ outcome: Fate.Outcome, of assignment: Int) {
        guard recordsFates else { return }
        let expert = choices.experts[assignment]
        fates.append(
            Fate(
                token: assignment / choices.choicesPerToken, choice: assignment % choices.choicesPerToken,
                chosenExpert: expert, group: group, outcome: outcome, holders: holders[expert]))
    }

    func hasFreeSlot(_ expert: Int) -> Bool { taken[expert] < capacity }

    /// Gives `assignment` the next slot of `expert`.
    ///
    /// The expert must have a free one.
    mutating func place(_ assignment: Int, with expert: Int) {
        placements[assignment] = Placement(
            expert: expert, slot: taken[expert], group: group, gate: choices.gates[assignment])
        taken[expert] += 1
        if recordsFates { holders[expert].append(assignment / choices.choicesPerToken) }
    }

    /// Writes the finished plan, once every group is closed, and releases the choices.
    mutating func finish(_ groups: [RoutingGroup], into plan: inout RoutingPlan) {
        plan.groups = groups
        plan.dropped.removeAll(keepingCapacity: true)
        plan.dropped.append(contentsOf: dropped)
        plan.fates.removeAll(keepingCapacity: true)
        plan.fates.append(contentsOf: fates)
        plan.kept.removeAll(keepingCapacity: true)
        for token in 0..<choices.tokenCount {
            for choice in 0..<choices.choicesPerToken {
                let assignment = token * choices.choicesPerToken + choice
                guard let placement = placements[assignment] else { continue }
                plan.kept.append(
                    KeptAssignment(
                        token: token, choice: choice, expert: placement.expert, slot: placement.slot,
                        group: placement.group, gate: placement.gate,
                        chosenExpert: choices.experts[assignment]))
            }
        }
        choices = .none
    }
}
