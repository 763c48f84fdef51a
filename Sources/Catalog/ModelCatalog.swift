public import ExpertRouting
public import Numerics

/// The API models to serve, with the checkpoint and settings of each.
public struct ModelCatalog: Sendable {
    /// Endpoints that an API model serves.
    public enum Endpoint: String, Sendable, Hashable, CaseIterable { case chat, completions }

    /// Which chat template renders messages.
    public enum ChatTemplateSource: String, Sendable, Hashable, CaseIterable {
        /// The checkpoint's own.
        case checkpoint
        /// The built-in ChatML.
        case chatML = "chatml"
    }

    /// One API model.
    public struct Entry: Sendable, Hashable {
        /// The name that clients send.
        public let name: String
        public let checkpoint: CheckpointWord
        public let endpoints: Set<Endpoint>
        public let chatTemplate: ChatTemplateSource
        /// The most tokens of prompt and completion together.
        public let contextLength: Int
        /// The largest token id that `logit_bias` accepts: that of the vocabulary the API model is known for.
        public let maximumTokenID: Int
        /// Special tokens of the checkpoint, by their ids in that vocabulary.
        public let tokenAliases: [Int: String]
        public var rule: RoutingRule
        public var isolation: Isolation
        public var numerics: NumericsMode
        public var weightType: WeightType
        public let ownedBy: String
    }

    /// Where the API models come from.
    public enum Source: Sendable, Hashable {
        /// A catalogue: a YAML file, or a folder with `catalog.yaml`.
        case catalogue(String)
        /// A word, as in `CheckpointWord`, served under a name; `nil`: the word's or the checkpoint's own.
        case checkpoint(String, name: String?)
    }

    /// In the order of the file.
    public var entries: [Entry]

    /// Reads a catalogue, or makes one of a single checkpoint.
    ///
    /// What is not said follows from the checkpoints, of which only documents are read. `cacheBlocks`: the KV blocks of
    /// each engine, which limit the context length that follows.
    ///
    /// - Throws: `CatalogError`, which names the file, the line, the model and the key.
    public init(
        _ source: Source, in stores: CheckpointStores = CheckpointStores(), cacheBlocks: Int? = nil
    ) throws(CatalogError) {
        var defaults = CheckpointDefaults(cacheBlocks: cacheBlocks)
        switch source {
        case .catalogue(let path):
            let file = path.hasSuffix(".yaml") ? path : path + "/catalog.yaml"
            let parts = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let folder = parts.isEmpty ? "." : parts.joined(separator: "/")
            entries = []
            for model in try CatalogFile(contentsOf: file).models {
                let word: CheckpointWord
                do throws(CatalogError) {
                    word = try CheckpointWord(model.checkpoint, relativeTo: folder, in: stores)
                } catch {
                    throw model.error("checkpoint", "checkpoint: \(error.description)", error.kind)
                }
                entries.append(try Entry(model, checkpoint: word, &defaults))
            }
        case .checkpoint(let text, let name):
            let word = try CheckpointWord(text, in: stores)
            let servingName =
                if let name { CheckpointWord.servingName(from: name) } else { try word.servingName() }
            let model = CatalogModel(name: servingName, checkpoint: text)
            entries = [try Entry(model, checkpoint: word, &defaults)]
        }
    }
}
