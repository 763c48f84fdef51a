import Catalog
import Engine
import Threads
import Transformer

extension ServedModel {
    /// Loads the checkpoint of each entry, and starts the engines.
    ///
    /// Returns no models if it is interrupted.
    static func load(
        _ entries: [ModelCatalog.Entry], with builder: EngineBuilder, isInterrupted: () -> Bool
    ) throws(ServiceError) -> [ServedModel] {
        var builder = builder
        var models: [ServedModel] = []
        var metrics: [ObjectIdentifier: EngineMetrics] = [:]
        do {
            for entry in entries {
                guard !isInterrupted() else {
                    models.stopEngines()
                    return []
                }
                let counts = EngineMetrics(name: entry.name)
                let loaded = try builder.load(entry) { counts.take($0) }
                counts.begin(with: loaded.engine.emptyOccupancy)
                // Entries that share an engine share the metrics of the first.
                let engine = ObjectIdentifier(loaded.engine)
                metrics[engine] = metrics[engine] ?? counts
                models.append(
                    ServedModel(
                        loaded: loaded, metrics: metrics[engine] ?? counts,
                        isolation: Locked(entry.isolation)))
            }
            return models
        } catch let error as CheckpointError {
            models.stopEngines()
            throw ServiceError(kind: .missingCheckpoint, description: error.description)
        } catch {
            models.stopEngines()
            throw ServiceError(kind: .configuration, description: "\(error)")
        }
    }
}

extension [ServedModel] {
    func stopEngines() {
        for model in self { model.engine.stop() }
    }
}

extension ModelCatalog {
    /// Reads the catalogue that `options` name, and applies their changes.
    init(for options: ServerOptions) throws(ServiceError) {
        do throws(CatalogError) {
            try self.init(options.models, cacheBlocks: options.engine.cacheBlocks)
        } catch {
            throw ServiceError(error)
        }
        for index in entries.indices {
            if let problem = options.routing.apply(to: &entries[index].rule) {
                throw ServiceError(kind: .configuration, description: "routing: \(problem)")
            }
            entries[index].isolation = options.isolation ?? entries[index].isolation
            entries[index].numerics = options.numerics ?? entries[index].numerics
            entries[index].weightType = options.weightType ?? entries[index].weightType
        }
    }
}
