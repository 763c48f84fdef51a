import FoundationEssentials
import Transformer

/// A checkpoint that a person named: by a path, or by a name in a store of this machine.
public struct CheckpointWord: Sendable, Hashable {
    /// Where it was found; the first place that has the word is used.
    public enum Place: Sendable, Hashable {
        case path
        case huggingFaceCache
        case ollama
    }

    /// As it was given.
    public let word: String
    /// A folder in Hugging Face layout, a `.safetensors` file or a GGUF file.
    public let path: String
    public let place: Place
    /// The model's name according to a store; `nil` for a path.
    private let nameInStore: String?

    /// Finds a checkpoint; paths are relative to `folder`, or else to the working directory.
    ///
    /// - Throws: `CatalogError` that says where it was looked for, or why it cannot be used.
    public init(
        _ word: String, relativeTo folder: String? = nil, in stores: CheckpointStores = CheckpointStores()
    ) throws(CatalogError) {
        self.word = word
        let file = if let folder, !word.hasPrefix("/") { "\(folder)/\(word)" } else { word }
        if !word.isEmpty, let found = try Self.checkpoint(at: file) {
            (path, place, nameInStore) = (found, .path, nil)
        } else if let snapshot = try stores.huggingFace.snapshot(of: word) {
            path = try Self.checkpoint(at: snapshot) ?? snapshot
            (place, nameInStore) = (.huggingFaceCache, word.split(separator: "/").last.map(String.init))
        } else if let name = OllamaName(word), let blob = try stores.ollama.model(name) {
            (path, place, nameInStore) = (blob, .ollama, name.servingName)
        } else {
            throw stores.notFound(word, at: file)
        }
    }

    /// What to show to a person: a name in a store, or the path.
    public var label: String { place == .path ? path : word }

    /// What to call the model in a document: a name in a store, or that of the file or folder.
    public var title: String { place == .path ? fileName : word }

    /// The name for the API: that of the store, else the checkpoint's own, else that of the file or folder.
    ///
    /// - Throws: `CatalogError` if the checkpoint cannot be opened.
    public func servingName() throws(CatalogError) -> String {
        let named: String?
        do throws(CheckpointError) {
            named = if let nameInStore { nameInStore } else { try Checkpoint(at: path).declaredName }
        } catch {
            throw CatalogError(.unservableCheckpoint, error.description)
        }
        guard let named, Self.hasLetters(named) else { return Self.servingName(from: fileName) }
        return Self.servingName(from: named)
    }

    /// Replaces the characters that are not usual in a model's name.
    public static func servingName(from text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "-" }))
    }

    /// The file's stem, or the folder's name.
    private var fileName: String {
        let name = URL(filePath: path).standardizedFileURL.lastPathComponent
        for suffix in [".gguf", ".safetensors"] where name.hasSuffix(suffix) {
            let stem = String(name.dropLast(suffix.count))
            return SplitName(stem)?.base ?? stem
        }
        return name
    }

    private static func hasLetters(_ text: String) -> Bool {
        text.unicodeScalars.contains { isPlain($0) && $0 != "-" && $0 != "_" && $0 != "." }
    }

    /// `[A-Za-z0-9._-]`.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}
