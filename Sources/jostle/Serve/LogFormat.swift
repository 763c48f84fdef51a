import ArgumentParser

/// Format of a log line.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    /// Human-readable.
    case text
    /// One JSON object per line.
    case json
}
