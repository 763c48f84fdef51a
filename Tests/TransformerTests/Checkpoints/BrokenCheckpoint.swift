import Testing

/// A way to break a good checkpoint, and what must be said of it.
struct BrokenCheckpoint: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The file that the error must name; empty for the folder.
    let file: String
    /// What the problem must contain.
    let fault: String
    /// Whether it shows in the headers, without a weight being read.
    var isInHeaders = true
    let damage: @Sendable (GoodCheckpoint) throws -> Void
}
