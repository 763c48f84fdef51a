import Engine
import ExpertRouting
import Logging
import Numerics
import Threads
import Transformer

/// Loads each checkpoint once, and starts one engine for all entries that agree on everything it depends on.
struct EngineBuilder {
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

    private let options: ServerOptions
    private let logger: Logger
    private let workers: WorkerPool
    private let resumptions: ResumeQueue
    private var models: [ModelKey: Model] = [:]
    private var engines: [EngineKey: (EngineThread, EngineMetrics)] = [:]

    init(options: ServerOptions, workers: WorkerPool, resumptions: ResumeQueue, logger: Logger) {
        self.workers = workers
        self.resumptions = resumptions
        self.options = options
        self.logger = logger
    }

    mutating func serve(_ entry: Catalog.Entry) throws -> ServedModel {
        let key = ModelKey(
            checkpoint: entry.checkpoint, numerics: entry.numerics, weightType: entry.weightType)
        let model = try models[key] ?? load(key)
        models[key] = model
        guard entry.contextLength <= model.config.maximumPositions else {
            throw ServiceError(
                kind: .configuration,
                description:
                    "model '\(entry.name)': context_length \(entry.contextLength) is more than the \(model.config.maximumPositions) positions of \(entry.checkpoint)"
            )
        }
        for alias in entry.tokenAliases.values where model.tokenizer.specialTokens[alias] == nil {
            throw ServiceError(
                kind: .configuration,
                description:
                    "model '\(entry.name)': token_aliases: '\(alias)' is no special token of \(entry.checkpoint)"
            )
        }
        // A dense model routes nothing: its rule is no reason for an engine of its own.
        let rule = model.config.experts == nil ? RoutingRule.default : entry.rule
        let engineKey = EngineKey(model: key, contextLength: entry.contextLength, rule: rule)
        let (engine, metrics) = try engines[engineKey] ?? start(entry, model: model, rule: rule)
        engines[engineKey] = (engine, metrics)
        return ServedModel(
            entry: entry, model: model, chatTemplate: try chatTemplate(of: entry), engine: engine,
            metrics: metrics, isolation: Locked(entry.isolation))
    }

    private func chatTemplate(of entry: Catalog.Entry) throws -> ChatTemplate? {
        guard entry.endpoints.contains(.chat) else { return nil }
        switch entry.chatTemplate {
        case .chatML: return .chatML
        case .checkpoint:
            guard let template = try ChatTemplate(checkpoint: entry.checkpoint) else {
                throw ServiceError(
                    kind: .configuration,
                    description:
                        "model '\(entry.name)': serves chat, but \(entry.checkpoint) has no chat template of its own; it needs a chat_template (chatml)"
                )
            }
            return template
        }
    }

    private func load(_ key: ModelKey) throws(CheckpointError) -> Model {
        let start = ContinuousClock.now
        let model = try Model(
            folder: key.checkpoint, numerics: key.numerics, weightType: key.weightType,
            kernels: Kernels(options.kernels), workers: workers)
        logger.info(
            "loaded \(key.checkpoint)",
            metadata: [
                "seconds": "\((ContinuousClock.now - start).seconds)", "numerics": "\(key.numerics.rawValue)",
                "dtype": "\(key.weightType.rawValue)",
            ])
        return model
    }

    private func start(
        _ entry: Catalog.Entry, model: Model, rule: RoutingRule
    ) throws -> (EngineThread, EngineMetrics) {
        var sizes = EngineOptions(contextLength: entry.contextLength)
        sizes.stepTokens = options.stepTokens
        sizes.maximumRunning = options.maximumRunning
        sizes.maximumQueued = options.maximumQueued
        sizes.cacheBlocks = options.cacheBlocks
        sizes.cachesPrefixes = options.cachesPrefixes
        sizes.pace = options.pace
        let metrics = EngineMetrics(name: entry.name)
        do throws(UnsuitableRule) {
            let engine = try EngineThread(
                model: model, options: sizes, rule: rule, workers: workers,
                observer: { metrics.record($0, elapsed: $1) },
                onDelivery: { [resumptions] in resumptions.flushStep() })
            return (engine, metrics)
        } catch {
            throw ServiceError(
                kind: .configuration, description: "model '\(entry.name)': \(error.description)")
        }
    }
}

extension Duration {
    /// As a number of seconds.
    var seconds: Double { self / .seconds(1) }
}
