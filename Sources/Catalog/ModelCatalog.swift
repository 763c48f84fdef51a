public import ExpertRouting
import FoundationEssentials
public import Numerics
import Yams

/// Why a catalogue cannot be used.
public struct CatalogError: Error, CustomStringConvertible {
    public let description: String
}

/// The API models of `catalog.yaml`, with the checkpoint and settings of each.
public struct ModelCatalog: Sendable {
    /// Endpoints that an API model serves.
    public enum Endpoint: String, Sendable, Hashable, Codable { case chat, completions }

    /// Which chat template renders messages.
    public enum ChatTemplateSource: String, Sendable, Hashable, CaseIterable, Codable {
        /// The checkpoint's own.
        case checkpoint
        /// The built-in ChatML.
        case chatML = "chatml"
    }

    /// One API model.
    public struct Entry: Sendable, Hashable {
        /// The name that clients send.
        public let name: String
        /// The folder of the checkpoint.
        public let checkpoint: String
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

    /// In the order of the file.
    public var entries: [Entry]

    /// Reads a catalogue file; the paths of checkpoints are relative to its folder.
    ///
    /// - Throws: `CatalogError`, which names the file, the entry and the key.
    public init(contentsOf path: String) throws(CatalogError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CatalogError(
                description: "\(path): cannot be read; --models names the folder with catalog.yaml")
        }
        let file: CatalogFile
        do {
            file = try YAMLDecoder().decode(CatalogFile.self, from: data)
        } catch {
            throw CatalogError(description: "\(path): \(Self.explain(error))")
        }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        var entries: [Entry] = []
        for entry in file.models {
            do throws(CatalogError) {
                entries.append(try entry.checked(folder: folder.isEmpty ? "." : folder))
            } catch {
                throw CatalogError(description: "\(path): model '\(entry.name)': \(error.description)")
            }
        }
        guard Set(entries.map(\.name)).count == entries.count else {
            throw CatalogError(description: "\(path): two models have the same name")
        }
        guard !entries.isEmpty else { throw CatalogError(description: "\(path): lists no models") }
        self.entries = entries
    }

    /// Reads the catalogue at `path`: a YAML file, or a folder with `catalog.yaml`.
    public init(servedFrom path: String) throws(CatalogError) {
        try self.init(contentsOf: path.hasSuffix(".yaml") ? path : path + "/catalog.yaml")
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            "the key '\(key.stringValue)' is missing\(place(context.codingPath))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "a value has the wrong type\(place(context.codingPath))"
        case DecodingError.dataCorrupted(let context):
            "\(context.debugDescription)\(place(context.codingPath))"
        default: "is not valid YAML"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : " at " + path.map(\.stringValue).joined(separator: ".")
    }
}
