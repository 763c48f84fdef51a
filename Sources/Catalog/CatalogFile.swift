import ExpertRouting
import JSON
import Numerics

/// The contents of `catalog.yaml`.
struct CatalogFile: Decodable {
    let models: [Model]

    struct Model: Decodable {
        let name: String
        let checkpoint: String
        let endpoints: Set<ModelCatalog.Endpoint>
        let chatTemplate: ModelCatalog.ChatTemplateSource?
        let contextLength: Int
        let maximumTokenID: Int
        let tokenAliases: [Int: String]?
        let routing: RoutingChange?
        let isolation: Isolation?
        let numerics: NumericsMode?
        let weightType: WeightType?
        let ownedBy: String?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case name, checkpoint, endpoints
            case chatTemplate = "chat_template"
            case contextLength = "context_length"
            case maximumTokenID = "maximum_token_id"
            case tokenAliases = "token_aliases"
            case routing, isolation, numerics
            case weightType = "dtype"
            case ownedBy = "owned_by"
        }

        init(from decoder: any Decoder) throws {
            try decoder.refuseUnknownKeys(besides: Set(CodingKeys.allCases.map(\.stringValue)))
            let container = try decoder.container(keyedBy: CodingKeys.self)
            name = try container.decode(String.self, forKey: .name)
            checkpoint = try container.decode(String.self, forKey: .checkpoint)
            endpoints = try container.decode(Set<ModelCatalog.Endpoint>.self, forKey: .endpoints)
            chatTemplate = try container.decodeIfPresent(
                ModelCatalog.ChatTemplateSource.self, forKey: .chatTemplate)
            contextLength = try container.decode(Int.self, forKey: .contextLength)
            maximumTokenID = try container.decode(Int.self, forKey: .maximumTokenID)
            tokenAliases = try container.decodeIfPresent([Int: String].self, forKey: .tokenAliases)
            routing = try container.decodeIfPresent(RoutingChange.self, forKey: .routing)
            isolation = try container.decodeIfPresent(Isolation.self, forKey: .isolation)
            numerics = try container.decodeIfPresent(NumericsMode.self, forKey: .numerics)
            weightType = try container.decodeIfPresent(WeightType.self, forKey: .weightType)
            ownedBy = try container.decodeIfPresent(String.self, forKey: .ownedBy)
        }

        func checked(folder: String) throws(CatalogError) -> ModelCatalog.Entry {
            guard contextLength > 1 else {
                throw CatalogError(description: "context_length is \(contextLength), it must be at least 2")
            }
            guard !name.isEmpty, !name.contains(":") else {
                throw CatalogError(
                    description: "a name must not be empty or contain ':', which precedes an isolation")
            }
            guard !endpoints.isEmpty else {
                throw CatalogError(description: "endpoints is empty, it must name chat, completions or both")
            }
            var rule = RoutingRule.default
            if let problem = routing?.apply(to: &rule) {
                throw CatalogError(description: "routing: \(problem)")
            }
            return ModelCatalog.Entry(
                name: name, checkpoint: checkpoint.hasPrefix("/") ? checkpoint : "\(folder)/\(checkpoint)",
                endpoints: endpoints, chatTemplate: chatTemplate ?? .checkpoint, contextLength: contextLength,
                maximumTokenID: maximumTokenID, tokenAliases: tokenAliases ?? [:], rule: rule,
                isolation: isolation ?? .crossSequence, numerics: numerics ?? .invariant,
                weightType: weightType ?? .auto,
                ownedBy: ownedBy ?? "jostle")
        }
    }
}

extension Decoder {
    /// - Throws: if the object has a key that is not in `known`.
    func refuseUnknownKeys(besides known: Set<String>) throws {
        for key in try container(keyedBy: MemberName.self).allKeys where !known.contains(key.stringValue) {
            let names = known.sorted().joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: codingPath,
                    debugDescription: "the key '\(key.stringValue)' is unknown; known are \(names)"))
        }
    }
}
