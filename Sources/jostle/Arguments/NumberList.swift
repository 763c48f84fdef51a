import ArgumentParser

/// Numbers with commas between them.
struct NumberList: ExpressibleByArgument, CustomStringConvertible {
    let values: [Int]

    init(values: [Int]) {
        self.values = values
    }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.allSatisfy({ ($0 ?? 0) > 0 }) else { return nil }
        values = parts.compactMap(\.self)
    }

    var description: String { values.map(String.init).joined(separator: ",") }
}
