import HTTP

/// Lets requests through that show a key.
struct KeyGate: HTTPHandler {
    let keys: APIKeys
    let routes: Routes

    func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) {
        if let refusal = refusal(of: request) {
            exchange.respond(refusal.response)
        } else {
            routes.handle(request, exchange)
        }
    }

    private func refusal(of request: HTTPRequest) -> APIError? {
        if keys.isEmpty || request.path == "/health" || request.isPreflight { return nil }
        let words = request.headers["authorization", default: ""].split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return .missingKey }
        return keys.admit(String(words[1])) ? nil : .wrongKey
    }
}
