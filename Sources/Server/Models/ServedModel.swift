import Catalog
import Engine
import ExpertRouting
import OpenAI
import Threads
import Transformer

/// One API model that is served.
struct ServedModel: Sendable {
    let loaded: LoadedModel
    let metrics: EngineMetrics
    /// The default isolation; `PUT /admin/routing` changes it.
    let isolation: Locked<Isolation>

    var entry: ModelCatalog.Entry { loaded.entry }
    var model: Model { loaded.model }
    /// `nil` if the model takes no messages.
    var chatTemplate: ChatTemplate? { loaded.chatTemplate }
    var engine: EngineThread { loaded.engine }
}

extension ServedModel {
    /// Refuses more sequences than the queue can ever hold, before any is made.
    func checkQueue(holds prompts: Int, times samples: Int, what: String) throws(APIError) {
        let limit = engine.options.sizes.maximumQueued
        guard prompts > limit / samples else { return }
        throw .invalid(
            InvalidField(
                "This server queues at most \(limit) sequences, and you requested \(prompts) prompts with \(samples) completions each. Please send several requests.",
                param: prompts > 1 ? what : "n", code: "invalid_value"))
    }

    /// The request's field wins over the suffix of the model's name, and that over the model's own isolation.
    func isolation(_ name: String?, suffix: Isolation?) throws(APIError) -> Isolation {
        guard let name else { return suffix ?? isolation.withLock { $0 } }
        guard let isolation = Isolation(rawValue: name) else {
            let names = Isolation.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw .invalid(
                InvalidField(
                    "Invalid value: '\(name)'. Supported values are: \(names).", param: "isolation",
                    code: "invalid_value"))
        }
        return isolation
    }
}
