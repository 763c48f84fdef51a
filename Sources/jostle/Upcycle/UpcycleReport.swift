import Upcycling

/// What `jostle upcycle` says at the end.
struct UpcycleReport {
    let text: String

    init(_ summary: Upcycler.Summary, destination: String, experts: Int) {
        var lines = ["LAYER  LEAST   MOST  SHARE OF EACH EXPERT, IN PERCENT"]
        for (layer, load) in summary.loads.enumerated() {
            let total = Double(max(load.reduce(0, +), 1))
            let shares = load.map { 100 * Double($0) / total }
            let list = shares.map { "\(Int($0.rounded()))".padding(before: 3) }.joined(separator: " ")
            lines.append(
                "\(layer)".padding(before: 5) + (shares.min() ?? 0).rounded(digits: 1).padding(before: 7)
                    + (shares.max() ?? 0).rounded(digits: 1).padding(before: 7) + "  " + list)
        }
        let even = (100 / Double(experts)).rounded(digits: 1)
        lines.append("An even share is \(even) %. The shares are those of \(summary.tokenCount) tokens.")
        if summary.tokenCount < Upcycler.maximumTokens {
            lines.append("The text is short: \(Upcycler.maximumTokens) tokens make better routers.")
        }
        if summary.addsSharedExpert {
            lines.append("A shared expert was added, because \(summary.architecture) always has one.")
        }
        lines.append(
            "wrote \(destination) (\(summary.architecture)); serve it: jostle serve --checkpoint \(destination)"
        )
        text = lines.joined(separator: "\n") + "\n"
    }
}
