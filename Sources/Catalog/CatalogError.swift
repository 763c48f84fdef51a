/// Why a catalogue or a checkpoint cannot be used.
public struct CatalogError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// The catalogue is wrong.
        case catalogue
        /// A checkpoint or a part of it is not there.
        case missingCheckpoint
        /// A checkpoint is there, but cannot be served.
        case unservableCheckpoint
    }

    public let kind: Kind
    /// What is wrong, where, and what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The same error, after a place.
    func at(_ place: String) -> CatalogError { CatalogError(kind, place + description) }
}
