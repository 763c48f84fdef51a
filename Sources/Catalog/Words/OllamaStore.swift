import FoundationEssentials

/// Ollama's store: `manifests` that list the layers of each model, and the layers as `blobs`.
struct OllamaStore: Sendable, Hashable {
    /// Where the store can be; the first that has a model is used.
    let folders: [String]

    init(environment: [String: String]) {
        folders =
            CheckpointStores.folder("OLLAMA_MODELS", in: environment).map { [$0] } ?? [
                CheckpointStores.home(environment) + "/.ollama/models",
                // Of the service that Ollama's installer sets up.
                "/usr/share/ollama/.ollama/models",
            ]
    }

    /// The GGUF file of a model, or `nil` if the store does not have the model.
    ///
    /// - Throws: `CatalogError` if the model has layers that cannot be served, or if its download is not complete.
    func model(_ name: OllamaName) throws(CatalogError) -> String? {
        for folder in folders {
            let path = ([folder, "manifests"] + name.parts).joined(separator: "/")
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            guard let manifest = try? JSONDecoder().decode(OllamaManifest.self, from: data) else {
                throw CatalogError(.unservableCheckpoint, "\(path): is not a manifest of Ollama's")
            }
            let layer = try manifest.model(path: path)
            let blob = "\(folder)/blobs/" + layer.digest.replacing(":", with: "-")
            let file = URL(filePath: blob).resolvingSymlinksInPath().path
            guard
                let size = (try? FileManager.default.attributesOfItem(atPath: file))?[.size] as? UInt64,
                layer.size == nil || layer.size == size
            else {
                throw CatalogError(
                    .missingCheckpoint,
                    "\(path): its download is not complete, \(blob) is missing or cut short; to finish it: ollama pull \(name)"
                )
            }
            return blob
        }
        return nil
    }
}

/// A manifest: the layers of a model.
private struct OllamaManifest: Decodable {
    struct Layer: Decodable {
        let mediaType: String
        /// `sha256:` and 64 hexadecimal digits.
        let digest: String
        let size: UInt64?
    }

    private static let prefix = "application/vnd.ollama.image."

    let layers: [Layer]

    /// The only layer with a model.
    func model(path: String) throws(CatalogError) -> Layer {
        for (kind, advice) in [
            ("adapter", "serve the model that the adapter is for"),
            ("projector", "serve a model of text only"),
        ] where layers.contains(where: { $0.mediaType == Self.prefix + kind }) {
            throw CatalogError(
                .unservableCheckpoint, "\(path): has a layer '\(kind)', which is not supported; \(advice)")
        }
        let models = layers.filter { $0.mediaType == Self.prefix + "model" }
        guard let model = models.first, models.count == 1 else {
            throw CatalogError(
                .unservableCheckpoint, "\(path): has \(models.count) layers with a model, it must have one")
        }
        let digits = model.digest.dropFirst("sha256:".count)
        guard model.digest.hasPrefix("sha256:"), digits.count == 64, digits.allSatisfy(\.isHexDigit) else {
            throw CatalogError(.unservableCheckpoint, "\(path): the model's digest is not a SHA-256 digest")
        }
        return model
    }
}
