public import FoundationEssentials

/// The stores of this machine that have checkpoints by name.
public struct CheckpointStores: Sendable, Hashable {
    let huggingFace: HuggingFaceCache
    let ollama: OllamaStore

    /// Finds the stores as the programs that fill them do.
    public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        huggingFace = HuggingFaceCache(environment: environment)
        ollama = OllamaStore(environment: environment)
    }

    /// The error that nothing of this name is there, with the command that would fetch it.
    func notFound(_ word: String, at file: String) -> CatalogError {
        let isRepository = HuggingFaceCache.isRepository(word)
        guard !Self.isPath(word), isRepository || OllamaName(word) != nil else {
            return CatalogError(.missingCheckpoint, "\(file): there is no such file or folder")
        }
        let command = isRepository && word.contains("/") ? "hf download \(word)" : "ollama pull \(word)"
        let folders = ([huggingFace.folder] + ollama.folders).joined(separator: ", ")
        return CatalogError(
            .missingCheckpoint,
            "there is no file or folder \(file), and no model '\(word)' in \(folders); to fetch it: \(command)"
        )
    }

    /// Whether a word can only be a path.
    private static func isPath(_ word: String) -> Bool {
        word.hasPrefix("/") || word.hasPrefix(".") || word.hasPrefix("~") || word.hasSuffix("/")
            || word.hasSuffix(".gguf") || word.hasSuffix(".safetensors")
    }

    /// The value of a variable that is a path; empty is as if it were not set.
    static func folder(_ variable: String, in environment: [String: String]) -> String? {
        guard let text = environment[variable], !text.isEmpty else { return nil }
        return text == "~" || text.hasPrefix("~/") ? home(environment) + text.dropFirst() : text
    }

    static func home(_ environment: [String: String]) -> String {
        environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
    }
}
