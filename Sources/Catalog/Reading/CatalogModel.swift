import ExpertRouting
import Numerics

/// A model as `catalog.yaml` has it.
struct CatalogModel {
    static let keys = [
        "name", "checkpoint", "endpoints", "chat_template", "context_length", "maximum_token_id",
        "token_aliases", "routing", "isolation", "numerics", "dtype", "owned_by",
    ]

    let name: String
    /// A word, as in `CheckpointWord`.
    let checkpoint: String
    var endpoints: Set<ModelCatalog.Endpoint>?
    var chatTemplate: ModelCatalog.ChatTemplateSource?
    var contextLength: Int?
    var maximumTokenID: Int?
    var tokenAliases: [Int: String] = [:]
    var rule = RoutingRule.default
    var isolation = Isolation.crossSequence
    var numerics = NumericsMode.invariant
    var weightType = WeightType.auto
    var ownedBy = "jostle"
    /// Where it stands in the file; `nil` if it is not from a file.
    var source: YAMLMapping?

    init(name: String, checkpoint: String) {
        self.name = name
        self.checkpoint = checkpoint
    }

    /// Reads one model of a catalogue.
    init(_ mapping: YAMLMapping) throws(CatalogError) {
        try mapping.refuseKeys(besides: Self.keys)
        try mapping.require(["name", "checkpoint"])
        name = try mapping.string("name") ?? ""
        checkpoint = try mapping.string("checkpoint") ?? ""
        endpoints = try mapping.choices("endpoints", of: ModelCatalog.Endpoint.self).map { Set($0) }
        chatTemplate = try mapping.choice("chat_template", of: ModelCatalog.ChatTemplateSource.self)
        contextLength = try mapping.integer("context_length")
        maximumTokenID = try mapping.integer("maximum_token_id")
        tokenAliases = try mapping.texts("token_aliases") ?? tokenAliases
        isolation = try mapping.choice("isolation", of: Isolation.self) ?? isolation
        numerics = try mapping.choice("numerics", of: NumericsMode.self) ?? numerics
        weightType = try mapping.choice("dtype", of: WeightType.self) ?? weightType
        ownedBy = try mapping.string("owned_by") ?? ownedBy
        if let routing = try mapping.mapping("routing") {
            if let problem = try RoutingChange(routing).apply(to: &rule) {
                throw mapping.error("routing", "routing: \(problem)")
            }
        }
        source = mapping
        try check()
    }

    private func check() throws(CatalogError) {
        if let contextLength, contextLength < 2 {
            throw error("context_length", "context_length is \(contextLength), it must be at least 2")
        }
        guard !name.isEmpty, !name.contains(":") else {
            throw error("name", "a name must not be empty or contain ':', which precedes an isolation")
        }
        if let endpoints, endpoints.isEmpty {
            throw error("endpoints", "endpoints is empty, it must name chat, completions or both")
        }
    }

    /// An error about a key of this model.
    func error(_ key: String, _ problem: String, _ kind: CatalogError.Kind = .catalogue) -> CatalogError {
        source?.error(key, problem, kind) ?? CatalogError(kind, "model '\(name)': \(problem)")
    }
}

extension RoutingChange {
    init(_ mapping: YAMLMapping) throws(CatalogError) {
        self.init()
        try mapping.refuseKeys(besides: Self.keys)
        preset = try mapping.string(Key.preset.rawValue)
        capacityFactor = try mapping.number(Key.capacityFactor.rawValue)
        minimumCapacity = try mapping.integer(Key.minimumCapacity.rawValue)
        groupSize = try mapping.integer(Key.groupSize.rawValue)
        capacityBasis = try mapping.choice(Key.capacityBasis.rawValue, of: CapacityBasis.self)
        slotPriority = try mapping.choice(Key.slotPriority.rawValue, of: SlotPriority.self)
        overflow = try mapping.choice(Key.overflow.rawValue, of: OverflowPolicy.self)
        seed = try mapping.unsigned(Key.seed.rawValue)
    }
}
