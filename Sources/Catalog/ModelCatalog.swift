public import ExpertRouting
import FoundationEssentials
public import Numerics
import Yams

/// Why a catalogue cannot be served.
public struct CatalogError: Error, CustomStringConvertible {
    public let description: String
}

/// `catalog.yaml`: which API models there are, and what each runs on.
public struct ModelCatalog: Sendable {
    /// What an API model serves.
    public enum Endpoint: String, Sendable, Hashable, Codable { case chat, completions }

    /// Whose chat template renders messages.
    public enum ChatTemplateSource: String, Sendable, Hashable, CaseIterable, Codable {
        /// The checkpoint's own.
        case checkpoint
        /// The built-in ChatML, whatever the checkpoint says.
        case chatML = "chatml"
    }

    /// One API model.
    public struct Entry: Sendable, Hashable {
        /// What clients call it.
        public let name: String
        /// The checkpoint's folder.
        public let checkpoint: String
        public let endpoints: Set<Endpoint>
        public let chatTemplate: ChatTemplateSource
        /// Prompt and completion tokens together.
        public let contextLength: Int
        /// The largest token id of the vocabulary the API model is known for: `logit_bias` accepts up to it.
        public let maximumTokenID: Int
        /// Tokens of that vocabulary, by id, as the checkpoint's text for them.
        public let tokenAliases: [Int: String]
        public var rule: RoutingRule
        public var isolation: Isolation
        public var numerics: NumericsMode
        public var weightType: WeightType
        public let ownedBy: String
    }

    /// In the order of the file.
    public var entries: [Entry]

    /// Reads a catalogue; checkpoints are folders beside it.
    ///
    /// - Throws: `CatalogError` that names the file, the entry and the key at fault.
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

    /// Reads the catalogue at a path that names it or the folder that holds its `catalog.yaml`.
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
