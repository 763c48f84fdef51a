import Dispatch
import HTTP

/// What the server answers to: (method, path) → handler.
struct Routes: HTTPHandler {
    let service: Service

    func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
        guard request.method == "POST" else { return answer(request, exchange) }
        // Apart from libmicrohttpd's thread, which brings out the tokens of all streams: to read a prompt of megabytes, or
        // to make the automaton of a schema, takes a while.
        DispatchQueue.global().async { answer(request, exchange) }
    }

    private func answer(_ request: HTTPRequest, _ exchange: HTTPExchange) {
        do throws(APIError) {
            switch (request.method, request.path) {
            case ("POST", "/v1/chat/completions"): try service.chatCompletion(request, exchange)
            case ("POST", "/v1/completions"): try service.completion(request, exchange)
            case ("POST", "/v1/responses"): try service.response(request, exchange)
            case ("POST", "/v1/embeddings"): try service.embeddings(request, exchange)
            case ("POST", "/tokenize"): exchange.respond(try service.tokenize(request))
            case ("POST", "/detokenize"): exchange.respond(try service.detokenize(request))
            case ("GET", "/v1/models"): exchange.respond(service.modelList())
            case ("GET", let path) where path.hasPrefix("/v1/models/"):
                exchange.respond(try service.modelCard(path))
            case ("GET", "/health"): exchange.respond(service.health())
            case ("GET", "/version"): exchange.respond(service.versionPage())
            case ("GET", "/openapi.json"): exchange.respond(service.openAPIPage())
            case ("GET", "/metrics"): exchange.respond(service.metricsPage())
            case ("GET", "/admin/routing"): exchange.respond(try service.routing(request))
            case ("PUT", "/admin/routing"): exchange.respond(try service.changeRouting(request))
            case ("HEAD", _): handleHead(request, exchange)
            case ("OPTIONS", let path): try answerOptions(path, request, exchange)
            default: throw refusal(request)
            }
        } catch {
            exchange.respond(error.response)
        }
    }

    /// The methods of each path; beside them stand the models' own paths.
    static let methods = [
        "/v1/chat/completions": ["POST"], "/v1/completions": ["POST"], "/v1/models": ["GET"],
        "/v1/responses": ["POST"], "/v1/embeddings": ["POST"], "/tokenize": ["POST"], "/detokenize": ["POST"],
        "/health": ["GET"], "/version": ["GET"], "/openapi.json": ["GET"], "/metrics": ["GET"],
        "/admin/routing": ["GET", "PUT"],
    ]

    private func methods(of path: String) -> [String]? {
        Self.methods[path] ?? (path.hasPrefix("/v1/models/") ? ["GET"] : nil)
    }

    private func refusal(_ request: HTTPRequest) -> APIError {
        guard let allowed = methods(of: request.path) else {
            return .unknownURL(method: request.method, path: request.path)
        }
        return .wrongMethod(method: request.method, path: request.path, allowed: allowed)
    }

    /// As GET; libmicrohttpd leaves the body out.
    private func handleHead(_ request: HTTPRequest, _ exchange: HTTPExchange) {
        answer(request.with(method: "GET"), exchange)
    }

    private func answerOptions(
        _ path: String, _ request: HTTPRequest, _ exchange: HTTPExchange
    ) throws(APIError) {
        guard let allowed = methods(of: path) else { throw .unknownURL(method: "OPTIONS", path: path) }
        exchange.respond(
            HTTPResponse(
                status: 204,
                headers: [("Allow", (allowed + ["OPTIONS"]).joined(separator: ", "))]
                    + service.crossOrigin.preflightHeaders(for: request, methods: allowed)))
    }
}
