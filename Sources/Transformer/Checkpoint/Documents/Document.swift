/// The JSON files and the chat template of a checkpoint; the raw values are the names of Hugging Face.
public enum DocumentName: String, Sendable, CaseIterable {
    case config = "config.json"
    case generationConfig = "generation_config.json"
    case tokenizer = "tokenizer.json"
    case tokenizerConfig = "tokenizer_config.json"
    case chatTemplate = "chat_template.jinja"
}

/// A text of a checkpoint: a file, or a translation of a GGUF file's metadata.
protocol Document: Sendable {
    /// What errors name.
    var path: String { get }
    /// Valid as long as this object.
    var bytes: UnsafeRawBufferPointer { get }
}

/// The documents of a checkpoint.
protocol DocumentSource: Sendable {
    /// Returns `nil` if there is none of this name.
    func document(_ name: DocumentName) throws(CheckpointError) -> (any Document)?

    /// What errors about a document name, even if there is none.
    func path(of name: DocumentName) -> String
}

extension DocumentSource {
    /// As `document`, for one that must exist.
    func required(_ name: DocumentName) throws(CheckpointError) -> any Document {
        guard let document = try document(name) else {
            throw CheckpointError(path(of: name), "cannot be opened: No such file or directory")
        }
        return document
    }

    /// The text of a document, or `nil` if there is none.
    func text(of name: DocumentName) throws(CheckpointError) -> String? {
        guard let document = try document(name) else { return nil }
        return try withExtendedLifetime(document) { document throws(CheckpointError) in
            guard let text = String(validating: document.bytes, as: UTF8.self) else {
                throw CheckpointError(document.path, "is not UTF-8 text")
            }
            return text
        }
    }
}

/// The documents of a Hugging Face folder.
struct FolderDocuments: DocumentSource {
    let folder: String

    func document(_ name: DocumentName) throws(CheckpointError) -> (any Document)? {
        let path = path(of: name)
        return MappedFile.exists(path) ? try MappedFile(path: path) : nil
    }

    func path(of name: DocumentName) -> String { folder + "/" + name.rawValue }
}

/// A text in memory.
// @unchecked: the memory is written once, in the initialiser.
final class DocumentText: Document, @unchecked Sendable {
    let path: String
    let bytes: UnsafeRawBufferPointer

    init(_ text: String, path: String) {
        self.path = path
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
        copy.copyBytes(from: text.utf8)
        bytes = UnsafeRawBufferPointer(copy)
    }

    deinit { bytes.deallocate() }
}
