public import Tokenizers

extension Tokenizer {
    /// Reads a Hugging Face `tokenizer.json`.
    ///
    /// - Throws: `CheckpointError` with the file and what is wrong with it.
    public init(contentsOf path: String) throws(CheckpointError) {
        try self.init(MappedFile(path: path))
    }

    init(_ document: any Document) throws(CheckpointError) {
        try document.checkJSONSize()
        do throws(TokenizerError) {
            self = try withExtendedLifetime(document) { document throws(TokenizerError) in
                try Tokenizer(parsing: document.bytes, path: document.path)
            }
        } catch {
            throw CheckpointError(error.path, error.problem)
        }
    }
}
