import Catalog
import Foundation
import TestSupport

/// A home folder with a Hugging Face cache and an Ollama store, laid out as their programs do.
struct MadeUpStores {
    static let commit = "0123456789abcdef"
    private static let digits = String(repeating: "0a", count: 32)

    let home: TemporaryFolder
    var variables: [String: String] = [:]

    init() throws {
        home = try TemporaryFolder()
    }

    /// Finds a word; paths are relative to the home folder.
    func find(_ word: String) throws(CatalogError) -> CheckpointWord {
        let environment = variables.merging(["HOME": home.path]) { own, _ in own }
        return try CheckpointWord(
            word, relativeTo: home.path, in: CheckpointStores(environment: environment))
    }

    /// What is wrong with a word, with `~` for the home folder.
    func complaint(_ word: String) -> (kind: CatalogError.Kind, text: String)? {
        do throws(CatalogError) {
            _ = try find(word)
            return nil
        } catch {
            return (error.kind, error.description.replacing(home.path, with: "~"))
        }
    }

    /// A path, with `~` for the home folder.
    func path(_ word: String) throws -> String {
        try find(word).path.replacing(home.path, with: "~")
    }

    /// Downloads files as `huggingface_hub` does: a blob for each, and links to them in a snapshot.
    func download(
        _ repository: String, _ files: [String: String], hub: String = ".cache/huggingface/hub"
    ) throws {
        let model = "\(hub)/models--" + repository.replacing("/", with: "--")
        _ = try home.write("\(model)/refs/main", Self.commit)
        for (name, text) in files {
            _ = try home.write("\(model)/blobs/\(name)-blob", text)
            let ups = String(repeating: "../", count: 2 + name.count { $0 == "/" })
            try home.link("\(model)/snapshots/\(Self.commit)/\(name)", to: "\(ups)blobs/\(name)-blob")
        }
    }

    /// Pulls a model as Ollama does: a manifest, and a blob without suffix for the layer with the model.
    func pull(
        _ manifest: String, layers: [String] = ["model", "template"], size: Int? = nil,
        store: String = ".ollama/models"
    ) throws {
        let bytes = Self.gguf(name: "Given Name")
        let list = layers.map { kind in
            #"{"mediaType": "application/vnd.ollama.image.\#(kind)", "digest": "sha256:\#(Self.digits)", "size": \#(size ?? bytes.count)}"#
        }
        _ = try home.write(
            "\(store)/manifests/\(manifest)",
            #"{"schemaVersion": 2, "layers": [\#(list.joined(separator: ", "))]}"#)
        _ = try home.write("\(store)/blobs/sha256-\(Self.digits)", bytes)
    }

    /// A GGUF file with a name and nothing to run.
    static func gguf(name: String) -> [UInt8] {
        GGUFBytes(
            entries: [
                ("general.architecture", 8, GGUFBytes.string("llama")),
                ("general.name", 8, GGUFBytes.string(name)),
            ],
            tensors: [.init(name: "token_embd.weight", extents: [1])], data: GGUFBytes.number(UInt32(0))
        ).bytes
    }
}
