import FoundationEssentials
import Transformer

extension CheckpointWord {
    /// The checkpoint at a path, or `nil` if nothing is there.
    ///
    /// A folder without its own weights stands for the only GGUF file in it.
    static func checkpoint(at path: String) throws(CatalogError) -> String? {
        var isFolder = false
        guard !path.isEmpty, FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            return nil
        }
        guard isFolder else {
            guard Checkpoint.isCheckpoint(file: path) else {
                throw CatalogError(
                    .missingCheckpoint,
                    "\(path): is no checkpoint: name a folder with config.json, a .safetensors file or a GGUF file"
                )
            }
            return path
        }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        let hasConfig = names.contains("config.json")
        let models = ggufModels(names)
        if hasConfig, models.isEmpty || names.contains(where: { $0.hasSuffix(".safetensors") }) {
            return path
        }
        guard let model = models.first else {
            throw CatalogError(
                .unservableCheckpoint, "\(path): is no checkpoint: it has neither config.json nor a GGUF file"
            )
        }
        guard models.count == 1 else {
            throw CatalogError(
                .unservableCheckpoint,
                "\(path): has \(models.count) GGUF models, name one of these files: \(models.joined(separator: ", "))"
            )
        }
        return "\(path)/\(model)"
    }

    /// The GGUF files among `names`; of a split file, its first part.
    private static func ggufModels(_ names: [String]) -> [String] {
        var sets: Set<SplitName> = []
        return names.filter { name in
            guard name.hasSuffix(".gguf") else { return false }
            guard let split = SplitName(String(name.dropLast(".gguf".count))) else { return true }
            return sets.insert(split).inserted
        }
    }
}

/// The name of a split file, such as `model-00001-of-00003`: what its parts have in common.
struct SplitName: Hashable {
    let base: String
    private let count: Substring

    init?(_ stem: String) {
        let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, parts[parts.count - 2] == "of" else { return nil }
        let numbers = [parts[parts.count - 3], parts[parts.count - 1]]
        guard numbers.allSatisfy({ $0.count == 5 && $0.allSatisfy(\.isNumber) }) else { return nil }
        base = parts.dropLast(3).joined(separator: "-")
        count = numbers[1]
    }
}
