import Catalog
import HTTP
import OpenAI

/// `GET /v1/models`.
struct ModelListEndpoint: DirectEndpoint {
    let models: ModelRegistry
    let created: Int

    func response(to request: HTTPRequest) -> HTTPResponse {
        .json(ModelList(models.all.map { $0.card(id: $0.entry.name, created: created) }))
    }
}

/// `GET /v1/models/{model}`; a name with an isolation (`gpt-4:per-sequence`) is a model too.
struct ModelEndpoint: DirectEndpoint {
    let models: ModelRegistry
    let created: Int

    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let name = String(request.head.path.dropFirst("/v1/models/".count))
        return .json(try models.resolve(name).0.card(id: name, created: created))
    }
}

extension ServedModel {
    fileprivate func card(id: String, created: Int) -> ModelCard {
        ModelCard(id: id, created: created, ownedBy: entry.ownedBy, maximumLength: entry.contextLength)
    }
}
