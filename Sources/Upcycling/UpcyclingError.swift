import Transformer

/// Why a model cannot be upcycled.
public struct UpcyclingError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The checkpoint cannot be read, or no sparse architecture has its features.
        case checkpoint
        /// The text or a number is unsuitable.
        case request
        /// The folder cannot be written.
        case output
        /// The caller ended the work.
        case cancelled
    }

    public let kind: Kind
    /// What is wrong and what to do, in one sentence.
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    init(_ error: CheckpointError) {
        self.init(.checkpoint, error.description)
    }
}
