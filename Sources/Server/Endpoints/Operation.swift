import HTTP

/// `GET /health`: 200 for as long as the process answers.
struct HealthEndpoint: DirectEndpoint {
    func response(to request: HTTPRequest) -> HTTPResponse { .json(["status": "ok"]) }
}

/// `GET /version`.
struct VersionEndpoint: DirectEndpoint {
    func response(to request: HTTPRequest) -> HTTPResponse { .json(["version": Service.version]) }
}
