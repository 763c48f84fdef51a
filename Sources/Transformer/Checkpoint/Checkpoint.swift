import GGUF
public import JSON
public import Numerics
public import Tokenizers

/// A checkpoint opened for reading: its documents, and its weights by their Hugging Face names.
///
/// Nothing is read before it is asked for.
public struct Checkpoint: Sendable {
    /// How a checkpoint is stored.
    enum Layout {
        /// A Hugging Face folder.
        case folder
        /// A `.safetensors` file, with its documents beside it.
        case safetensors
        /// A GGUF file, or the first of several.
        case gguf(GGUFParts)
    }

    /// A folder or a file.
    public let path: String
    let documents: any DocumentSource
    private let layout: Layout

    /// Opens a Hugging Face folder, a `.safetensors` file with its documents beside it, or a GGUF file.
    ///
    /// A GGUF file is known by its first bytes, because Ollama's files have no suffix.
    ///
    /// - Throws: `CheckpointError` if it is none of them, or if the header of a GGUF file is malformed.
    public init(at path: String) throws(CheckpointError) {
        self.path = path
        if MappedFile.isFolder(path) {
            layout = .folder
            documents = FolderDocuments(folder: path)
        } else if path.hasSuffix(".safetensors") {
            layout = .safetensors
            let slash = path.lastIndex(of: "/")
            documents = FolderDocuments(folder: slash.map { String(path[..<$0]) } ?? ".")
        } else {
            guard MappedFile.exists(path) else {
                throw CheckpointError(path, "there is no such file or folder")
            }
            guard try Self.isGGUF(path) else {
                throw CheckpointError(
                    path,
                    "is not a checkpoint: name a folder with config.json, a .safetensors file or a GGUF file")
            }
            let parts = try GGUFParts(contentsOf: path)
            layout = .gguf(parts)
            documents = try GGUFDocuments(parts)
        }
    }

    /// Whether a file is of one of these formats, by its suffix or its first bytes.
    public static func isCheckpoint(file path: String) -> Bool {
        path.hasSuffix(".safetensors") || (try? isGGUF(path)) == true
    }

    private static func isGGUF(_ path: String) throws(CheckpointError) -> Bool {
        if path.hasSuffix(".gguf") { return true }
        let file = try MappedFile(path: path)
        return withExtendedLifetime(file) { $0.bytes.starts(with: GGUFFile.magic) }
    }

    /// The name that the model gives itself: `general.name` of a GGUF file; `nil` for other layouts.
    public var declaredName: String? {
        guard case .gguf(let parts) = layout, case .string(let name) = parts.metadata["general.name"] else {
            return nil
        }
        return name
    }

    /// Opens the weights.
    ///
    /// Quantised tensors are widened to `element`, a wide type.
    ///
    /// - Throws: `CheckpointError` if a file is missing or malformed.
    public func weights(
        wideningTo element: WeightMatrix.Element = .float32
    ) throws(CheckpointError) -> any WeightSource {
        try store(wideningTo: element)
    }

    func store(wideningTo element: WeightMatrix.Element) throws(CheckpointError) -> any WeightStore {
        switch layout {
        case .folder: try SafetensorsWeights(folder: path)
        case .safetensors: try SafetensorsWeights(file: path)
        case .gguf(let parts): try GGUFWeights(parts, wideningTo: element)
        }
    }

    /// Reads `config.json`, and `generation_config.json` if present.
    ///
    /// - Throws: `CheckpointError` with the field, and for an unsupported feature its value.
    public func config() throws(CheckpointError) -> ModelConfig {
        try ModelConfig(documents)
    }

    /// Reads `tokenizer.json`.
    ///
    /// - Throws: `CheckpointError` with the field that cannot be used.
    public func tokenizer() throws(CheckpointError) -> Tokenizer {
        try Tokenizer(documents.required(.tokenizer))
    }

    /// Reads the chat template: `chat_template.jinja`, or else `chat_template` of `tokenizer_config.json`.
    ///
    /// - Returns: `nil` if there is neither.
    /// - Throws: `CheckpointError` with the document and line at fault.
    public func chatTemplate() throws(CheckpointError) -> ChatTemplate? {
        try ChatTemplate(documents)
    }

    /// The licence that the model states, such as `apache-2.0`: `general.license` of a GGUF file, or `license` at the
    /// beginning of a folder's README.md.
    public var licence: String? {
        if case .gguf(let parts) = layout {
            guard case .string(let licence) = parts.metadata["general.license"] else { return nil }
            return licence
        }
        guard let folder = documents as? FolderDocuments,
            let card = try? MappedFile(path: folder.folder + "/README.md")
        else { return nil }
        let lines = String(decoding: card.bytes.prefix(65_536), as: UTF8.self).split(
            whereSeparator: \.isNewline)
        guard lines.first == "---" else { return nil }
        let line = lines.dropFirst().prefix { $0 != "---" }.first { $0.hasPrefix("license:") }
        let licence = line?.dropFirst(8).filter { !" \"'".contains($0) } ?? ""
        return licence.isEmpty ? nil : String(licence)
    }

    /// The members of a document that is a JSON object; none if there is no such document.
    ///
    /// - Throws: `CheckpointError` if it is not JSON.
    public func members(of name: DocumentName) throws(CheckpointError) -> [JSONValue.Member] {
        guard let document = try documents.document(name) else { return [] }
        guard case .object(let members) = try document.json() else {
            throw CheckpointError(document.path, "is not a JSON object")
        }
        return members
    }

    /// The text of a document, or `nil` if there is none.
    ///
    /// - Throws: `CheckpointError` if it cannot be read or is not UTF-8.
    public func text(of name: DocumentName) throws(CheckpointError) -> String? {
        try documents.text(of: name)
    }
}
