public import Engine
import ExpertRouting
public import Logging
public import Numerics
public import Threads
import Tokenizers
public import Transformer

/// One API model, loaded: a catalogue entry, its checkpoint and its engine.
public struct LoadedModel: Sendable {
    public let entry: ModelCatalog.Entry
    public let model: Model
    /// `nil` if the model takes no messages.
    public let chatTemplate: ChatTemplate?
    /// Shared by entries with the same checkpoint, numerics, weight type, context length and rule.
    public let engine: EngineThread
}

/// Loads each checkpoint once, and starts one engine for all entries that can share it.
public struct EngineBuilder {
    private struct ModelKey: Hashable {
        let checkpoint: String
        let numerics: NumericsMode
        let weightType: WeightType
    }

    private struct EngineKey: Hashable {
        let model: ModelKey
        let contextLength: Int
        let rule: RoutingRule
    }

    private let sizes: EngineSizes
    private let kernels: Kernels
    private let workers: WorkerPool
    private let logger: Logger
    private let readers: EngineReaders
    private var models: [ModelKey: Model] = [:]
    private var engines: [EngineKey: EngineThread] = [:]

    /// `workers` are shared by all engines; `readers` read the record of each.
    public init(
        sizes: EngineSizes, kernels: Kernels, workers: WorkerPool, logger: Logger,
        readers: EngineReaders = EngineReaders()
    ) {
        self.sizes = sizes
        self.kernels = kernels
        self.workers = workers
        self.logger = logger
        self.readers = readers
    }

    /// Loads an entry's checkpoint and starts its engine, unless an earlier entry has the same.
    ///
    /// `observe` reads the record of the engine, if this entry starts one.
    ///
    /// - Throws: `CatalogError` or `CheckpointError`.
    public mutating func load(
        _ entry: ModelCatalog.Entry, observe: @escaping @Sendable (EngineRecord) -> Void
    ) throws -> LoadedModel {
        let key = ModelKey(
            checkpoint: entry.checkpoint.path, numerics: entry.numerics, weightType: entry.weightType)
        let model = try models[key] ?? load(key)
        models[key] = model
        try check(entry, against: model)
        // A dense model does no routing, so a different rule needs no other engine.
        let rule = model.config.experts == nil ? RoutingRule.default : entry.rule
        let engineKey = EngineKey(model: key, contextLength: entry.contextLength, rule: rule)
        let engine = try engines[engineKey] ?? start(entry, model: model, rule: rule, observe: observe)
        engines[engineKey] = engine
        return LoadedModel(
            entry: entry, model: model, chatTemplate: try chatTemplate(of: entry), engine: engine)
    }

    private func check(_ entry: ModelCatalog.Entry, against model: Model) throws(CatalogError) {
        for alias in entry.tokenAliases.values where model.tokenizer.specialTokens[alias] == nil {
            throw CatalogError(
                .catalogue,
                "model '\(entry.name)': token_aliases: '\(alias)' is not a special token of \(entry.checkpoint.label)"
            )
        }
    }

    private func chatTemplate(of entry: ModelCatalog.Entry) throws -> ChatTemplate? {
        guard entry.endpoints.contains(.chat) else { return nil }
        switch entry.chatTemplate {
        case .chatML: return .chatML
        case .checkpoint:
            guard let template = try Checkpoint(at: entry.checkpoint.path).chatTemplate() else {
                throw CatalogError(
                    .catalogue,
                    "model '\(entry.name)': serves chat, but \(entry.checkpoint.label) has no chat template of its own; set chat_template: chatml"
                )
            }
            return template
        }
    }

    private func load(_ key: ModelKey) throws(CheckpointError) -> Model {
        let start = ContinuousClock.now
        let model = try Model(
            checkpoint: key.checkpoint, numerics: key.numerics, weightType: key.weightType, kernels: kernels,
            workers: workers)
        logger.info(
            "loaded \(key.checkpoint)",
            metadata: [
                "seconds": "\((ContinuousClock.now - start).seconds)", "numerics": "\(key.numerics.rawValue)",
                "dtype": "\(key.weightType.rawValue)",
            ])
        return model
    }

    private func start(
        _ entry: ModelCatalog.Entry, model: Model, rule: RoutingRule,
        observe: @escaping @Sendable (EngineRecord) -> Void
    ) throws(CatalogError) -> EngineThread {
        var readers = readers
        readers.observe = observe
        let options = EngineOptions(contextLength: entry.contextLength, sizes: sizes)
        do throws(UnsuitableRule) {
            return try EngineThread(
                model: model, options: options, rule: rule, workers: workers, readers: readers)
        } catch {
            throw CatalogError(.catalogue, "model '\(entry.name)': \(error.description)")
        }
    }
}
