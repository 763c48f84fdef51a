import FoundationEssentials

/// The cache of `huggingface_hub`: a folder `models--OWNER--NAME` for each model, with `blobs`, `refs` and `snapshots`.
struct HuggingFaceCache: Sendable, Hashable {
    let folder: String

    init(environment: [String: String]) {
        func value(_ name: String) -> String? { CheckpointStores.folder(name, in: environment) }
        folder =
            value("HF_HUB_CACHE") ?? value("HF_HOME").map { $0 + "/hub" }
            ?? (value("XDG_CACHE_HOME") ?? CheckpointStores.home(environment) + "/.cache")
            + "/huggingface/hub"
    }

    /// Whether a word is `owner/name`, or a name that needs no owner.
    static func isRepository(_ word: String) -> Bool {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.unicodeScalars.allSatisfy(CheckpointWord.isPlain)
            }
    }

    /// The folder of the last download of branch `main`, or `nil` if the model is not in the cache.
    ///
    /// - Throws: `CatalogError` if the download is not complete.
    func snapshot(of repository: String) throws(CatalogError) -> String? {
        guard Self.isRepository(repository) else { return nil }
        let model = folder + "/models--" + repository.split(separator: "/").joined(separator: "--")
        guard FileManager.default.fileExists(atPath: model) else { return nil }
        let reference = model + "/refs/main"
        guard let data = FileManager.default.contents(atPath: reference) else {
            throw Self.incomplete(repository, "\(reference) is missing")
        }
        let revision = String(decoding: data, as: UTF8.self).filter { !$0.isWhitespace }
        guard !revision.isEmpty, revision.allSatisfy(\.isHexDigit) else {
            throw CatalogError(.unservableCheckpoint, "\(reference): is not the name of a commit")
        }
        let snapshot = model + "/snapshots/" + revision
        let blobs = (try? FileManager.default.contentsOfDirectory(atPath: model + "/blobs")) ?? []
        let isInterrupted = blobs.contains { $0.hasSuffix(".incomplete") }
        if let missing = Self.missingFile(in: snapshot, isInterrupted: isInterrupted) {
            throw Self.incomplete(repository, "\(snapshot)/\(missing) is missing")
        }
        return snapshot
    }

    private static func incomplete(_ repository: String, _ reason: String) -> CatalogError {
        CatalogError(
            .missingCheckpoint,
            "the download of \(repository) is not complete: \(reason); to finish it: hf download \(repository)"
        )
    }

    /// The first file that a snapshot lacks: a link without its blob, or a part of the checkpoint.
    ///
    /// Not every repository has a tokenizer.json. It counts as missing only if a download was interrupted.
    private static func missingFile(in snapshot: String, isInterrupted: Bool) -> String? {
        func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: snapshot + "/" + name) }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: snapshot)) ?? []).sorted()
        if let dangling = names.first(where: { !exists($0) }) { return dangling }
        if names.contains(where: { $0.hasSuffix(".gguf") }) { return nil }
        let required = ["config.json"] + (isInterrupted ? ["tokenizer.json"] : [])
        if let missing = required.first(where: { !exists($0) }) { return missing }
        if exists("model.safetensors") { return nil }
        guard let index = FileManager.default.contents(atPath: snapshot + "/model.safetensors.index.json")
        else {
            // A repository may have its weights in another format; the reader of weights says so.
            return names.contains { $0.hasPrefix("pytorch_model") } ? nil : "model.safetensors"
        }
        let shards = try? JSONDecoder().decode(ShardIndex.self, from: index).weightMap.values
        return Set(shards ?? [:].values).sorted().first { !exists($0) }
    }
}

/// `model.safetensors.index.json`.
private struct ShardIndex: Decodable {
    let weightMap: [String: String]

    enum CodingKeys: String, CodingKey { case weightMap = "weight_map" }
}
