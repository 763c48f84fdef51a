import ExpertRouting
import Testing

/// One routing group as a picture: who asks, under which rule, who sits where.
///
/// ```
/// tokens  1st 2nd | 1 slot       | expert 0: a
/// a        0   1  | choice-major | expert 1: a
/// b        0   1  | residual     | dropped : b→0 b→1
/// ```
///
/// Left: a token's experts, best first; `0:.75` gives a gate (1 if left out), `> 2 3` lists the other experts
/// by falling logit. Middle: slots per expert, or `preset NAME`; a slot priority; an overflow policy. Right:
/// every expert's tokens by slot; the dropped, in asking order; and, where it matters, the gates of what is kept.
struct Drawing {
    var rule = RoutingRule(overflow: .residual)
    let names: [String]
    let choices: Choices
    /// The right column.
    let outcome: [String]

    init(_ picture: String) throws {
        let rows = picture.split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map { words(in: $0) }
        }
        guard rows.allSatisfy({ $0.count == 3 }) else { throw Unreadable(text: picture) }
        outcome = rows.map { $0[2].joined(separator: " ") }.filter { !$0.isEmpty }
        let experts = outcome.count { $0.hasPrefix("expert") }
        let asked = try rows.dropFirst().filter { !$0[0].isEmpty }.map { try Row($0[0], experts: experts) }
        names = asked.map(\.name)
        choices = Choices(
            tokenCount: asked.count, expertCount: experts, choicesPerToken: asked.first?.experts.count ?? 0,
            experts: asked.flatMap(\.experts), gates: asked.flatMap(\.gates), logits: asked.flatMap(\.logits))
        for knob in rows.map({ $0[1] }) where !knob.isEmpty { try turn(knob) }
    }

    /// Who sits where, in the words of the right column.
    func drawn(layer: Int = 0, step: Int = 0) -> [String] {
        let group = RoutingGroup(kind: .shared, tokens: Array(names.indices), rule: rule)
        let plan = RoutingPlan.plan(choices, in: [group], layer: layer, step: step)
        var lines = (0..<choices.expertCount).map { expert in
            (["expert", "\(expert):"] + plan.holders(of: expert, in: 0).map { names[$0] }).joined(
                separator: " ")
        }
        if !plan.dropped.isEmpty {
            let lost = plan.dropped.map { "\(names[$0.token])→\($0.expert)" }
            lines.append("dropped : " + lost.joined(separator: " "))
        }
        if outcome.contains(where: { $0.hasPrefix("gates") }) {
            lines.append("gates : " + plan.kept.map { "\(names[$0.token])\($0.gate)" }.joined(separator: " "))
        }
        return lines
    }

    /// Reads one line of the middle column.
    private mutating func turn(_ knob: [String]) throws {
        if knob[0] == "preset", let preset = RoutingRule.preset(named: knob[1]) {
            rule = preset
        } else if let slots = Int(knob[0]) {
            rule.capacity = CapacityRule(factor: .leastNormalMagnitude, minimum: slots)
        } else if let priority = SlotPriority(rawValue: knob[0]) {
            rule.slotPriority = priority
        } else if let overflow = OverflowPolicy(rawValue: knob[0]) {
            rule.overflow = overflow
        } else {
            throw Unreadable(text: knob.joined(separator: " "))
        }
    }

    struct Unreadable: Error { let text: String }

    /// One token of the left column.
    private struct Row {
        let name: String
        let experts: [Int]
        let gates: [Float]
        let logits: [Float]

        init(_ cells: [String], experts expertCount: Int) throws {
            let parts = cells.dropFirst().split(separator: ">")
            let choices = try (parts.first ?? []).map { cell in
                let halves = cell.split(separator: ":")
                guard let expert = Int(halves[0]), let gate = halves.count == 1 ? 1 : number(halves[1]) else {
                    throw Unreadable(text: cell)
                }
                return (expert: expert, gate: gate)
            }
            name = cells[0]
            experts = choices.map(\.expert)
            gates = choices.map(\.gate)
            let ranked = experts + parts.dropFirst().joined().compactMap { Int($0) }
            logits = (0..<expertCount).map { expert in -Float(ranked.firstIndex(of: expert) ?? expertCount) }
        }
    }
}

/// Fails with both pictures if the plan is not what is drawn.
func expectPlan(_ picture: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let drawing = try Drawing(picture)
    #expect(drawing.drawn() == drawing.outcome, sourceLocation: sourceLocation)
}

private func words(in text: Substring) -> [String] {
    text.split(separator: " ").map(String.init)
}

private func number(_ text: Substring) -> Float? {
    text == "nan" ? .nan : Float(text.hasPrefix(".") ? "0" + text : text)
}
