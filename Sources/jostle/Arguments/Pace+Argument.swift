public import ArgumentParser
public import Engine

/// `5ms` or `5ms,0.1ms`: per step, and per token of a step.
extension Pace: ExpressibleByArgument {
    public init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let durations = parts.compactMap(Duration.init(written:))
        guard durations.count == parts.count, (1...2).contains(parts.count) else { return nil }
        self.init(perStep: durations[0], perToken: durations.count == 2 ? durations[1] : .zero)
    }

    public var defaultValueDescription: String {
        perToken == .zero ? perStep.written : "\(perStep.written),\(perToken.written)"
    }
}

extension Duration {
    private static let units: [(suffix: String, seconds: Double)] = [("us", 1e-6), ("ms", 1e-3), ("s", 1)]

    /// A number and a unit: `250us`, `4ms`, `0.5s`; at most an hour.
    init?(written text: some StringProtocol) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Double(text.dropLast(unit.suffix.count)), (0...3600).contains(number * unit.seconds)
        else { return nil }
        self = .nanoseconds(Int64((number * unit.seconds * 1e9).rounded()))
    }

    /// In milliseconds.
    fileprivate var written: String {
        let microseconds = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
        return microseconds % 1_000 == 0 ? "\(microseconds / 1_000)ms" : "\(Double(microseconds) / 1_000)ms"
    }
}
