import Catalog
import ExpertRouting
import Threads

/// The models that are served; empty until they are loaded.
final class ModelRegistry: Sendable {
    private let models = Locked<[ServedModel]>([])

    /// In the catalogue's order.
    var all: [ServedModel] { models.withLock { $0 } }

    var areLoaded: Bool { models.withLock { !$0.isEmpty } }

    /// Serves these models from now on.
    func publish(_ loaded: [ServedModel]) {
        models.withLock { $0 = loaded }
    }

    func resolve(_ name: String) throws(APIError) -> (ServedModel, Isolation?) { try all.resolve(name) }
}

extension [ServedModel] {
    /// The model a client names, and the isolation its name may end with (`gpt-4:per-sequence`).
    func resolve(_ name: String) throws(APIError) -> (ServedModel, Isolation?) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let model = first(where: { $0.entry.name == parts.first ?? "" }) else {
            throw .unknownModel(name)
        }
        guard parts.count == 2 else { return (model, nil) }
        guard let isolation = Isolation(rawValue: String(parts[1])) else { throw .unknownModel(name) }
        return (model, isolation)
    }
}
