/// A name of Ollama's: `MODEL`, `MODEL:TAG`, `OWNER/MODEL` or `HOST/OWNER/MODEL`.
struct OllamaName: Sendable, Hashable, CustomStringConvertible {
    /// As it was given.
    let description: String
    /// The parts of the manifest's path: host, owner, model and tag.
    let parts: [String]
    /// The model's name for the API, with the tag if it was given.
    let servingName: String

    /// Returns `nil` for what is no such name.
    init?(_ word: String) {
        description = word
        var parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.popLast() else { return nil }
        let pieces = last.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let tag = pieces.count == 2 ? pieces[1] : "latest"
        let defaults = ["registry.ollama.ai", "library"]
        guard parts.count <= defaults.count else { return nil }
        self.parts = defaults.dropLast(parts.count) + parts + [pieces[0], tag]
        guard
            self.parts.allSatisfy({ part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.unicodeScalars.allSatisfy(CheckpointWord.isPlain)
            })
        else { return nil }
        servingName = tag == "latest" ? pieces[0] : "\(pieces[0])-\(tag)"
    }
}
