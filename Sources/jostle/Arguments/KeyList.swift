import ArgumentParser
import HTTP

/// Keys with commas between them, which nothing prints.
struct KeyList: ExpressibleByArgument, CustomStringConvertible {
    let keys: [String]

    init(keys: [String]) {
        self.keys = keys
    }

    /// Never fails: a message about it would show a key.
    ///
    /// `APIKeys` says whether they are good.
    init(argument: String) {
        keys = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    var description: String { keys.count == 1 ? "(1 key)" : "(\(keys.count) keys)" }
}
