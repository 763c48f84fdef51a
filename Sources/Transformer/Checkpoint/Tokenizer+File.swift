public import Tokenizers

extension Tokenizer {
    /// Reads a Hugging Face `tokenizer.json`.
    ///
    /// - Throws: `CheckpointError` with the file and what is wrong with it.
    public init(contentsOf path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        try file.checkJSONSize()
        do throws(TokenizerError) {
            self = try withExtendedLifetime(file) { file throws(TokenizerError) in
                try Tokenizer(parsing: file.bytes, path: path)
            }
        } catch {
            throw CheckpointError(error.path, error.problem)
        }
    }
}
