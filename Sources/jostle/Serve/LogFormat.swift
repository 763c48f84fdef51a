import ArgumentParser

/// How a line of the log is written.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    /// For a person.
    case text
    /// One JSON object to a line.
    case json
}
