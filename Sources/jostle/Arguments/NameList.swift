import ArgumentParser

/// Names with commas between them.
struct NameList: ExpressibleByArgument, CustomStringConvertible {
    let names: [String]

    init(names: [String]) {
        self.names = names
    }

    init?(argument: String) {
        names = argument.split(separator: ",").map(String.init)
        guard !names.isEmpty else { return nil }
    }

    var description: String { names.joined(separator: ",") }
}
