import Upcycling

/// What `jostle upcycle` says at the end.
struct UpcycleReport {
    let text: String

    init(_ summary: Upcycler.Summary, destination: String, experts: Int) {
        var lines = ["LAYER  LEAST   MOST  SHARE OF EACH EXPERT, IN PERCENT"]
        for (layer, load) in summary.loads.enumerated() {
            let total = Double(max(load.reduce(0, +), 1))
            let shares = load.map { 100 * Double($0) / total }
            let list = shares.map { Self.padded("\(Int($0.rounded()))", to: 3) }.joined(separator: " ")
            lines.append(
                Self.padded("\(layer)", to: 5) + Self.padded(Self.percent(shares.min() ?? 0), to: 7)
                    + Self.padded(Self.percent(shares.max() ?? 0), to: 7) + "  " + list)
        }
        let even = Self.percent(100 / Double(experts))
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

    private static func percent(_ share: Double) -> String {
        let tenths = Int((10 * share).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
