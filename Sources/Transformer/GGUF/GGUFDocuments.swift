import GGUF

/// The documents of a GGUF model, translated from its metadata.
struct GGUFDocuments: DocumentSource {
    private let parts: GGUFParts

    init(_ parts: GGUFParts) {
        self.parts = parts
    }

    func document(_ name: DocumentName) throws(CheckpointError) -> (any Document)? { nil }

    func path(of name: DocumentName) -> String { parts.path }
}
