import Catalog
import Engine
import HTTP
import OpenAI

extension Service {
    /// Answers `GET /v1/models`.
    func modelList() -> HTTPResponse {
        .json(ModelList(models.map { card($0, id: $0.entry.name) }))
    }

    /// Answers `GET /v1/models/{id}`; a name with an isolation (`gpt-4:per-sequence`) is a model too.
    func modelCard(_ path: String) throws(APIError) -> HTTPResponse {
        let name = String(path.dropFirst("/v1/models/".count))
        return .json(card(try resolve(name).0, id: name))
    }

    private func card(_ served: ServedModel, id: String) -> ModelCard {
        ModelCard(
            id: id, created: created, ownedBy: served.entry.ownedBy, maximumLength: served.entry.contextLength
        )
    }
}
