import HTTP

/// `GET /health`: 200 for as long as the process answers.
struct HealthEndpoint: DirectEndpoint {
    func response(to request: HTTPRequest) -> HTTPResponse { .json(["status": "ok"]) }
}

/// `GET /ready`: 503 until the models are loaded.
///
/// The daemon answers 503 while it stops.
struct ReadyEndpoint: DirectEndpoint {
    let models: ModelRegistry

    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse {
        guard models.areLoaded else { throw .loading }
        return .json(["status": "ok"])
    }
}

/// `GET /version`.
struct VersionEndpoint: DirectEndpoint {
    func response(to request: HTTPRequest) -> HTTPResponse { .json(["version": Service.version]) }
}
