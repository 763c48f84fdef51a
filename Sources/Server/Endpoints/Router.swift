import Dispatch
import HTTP

/// Passes each request to the endpoint of its route.
///
/// Wrong keys, paths and methods are refused before the body is read.
struct Router: HTTPResponder {
    private struct Target: Sendable {
        let route: Route
        let endpoint: any Endpoint
    }

    /// The targets of each path, one for each method, in the order of the table.
    private var fixed: [String: [Target]] = [:]
    /// The targets of paths that end with `{name}`, by the part before it.
    private var open: [String: [Target]] = [:]
    private let keys: APIKeys
    private let crossOrigin: CrossOriginRule
    private let models: ModelRegistry

    /// With keys, every request must send one.
    init(
        _ routes: [Route] = Route.all, of parts: EndpointParts, keys: APIKeys, crossOrigin: CrossOriginRule
    ) {
        self.keys = keys
        self.crossOrigin = crossOrigin
        models = parts.models
        for route in routes {
            let target = Target(route: route, endpoint: route.endpoint(parts))
            if let brace = route.path.firstIndex(of: "{") {
                open[String(route.path[..<brace]), default: []].append(target)
            } else {
                fixed[route.path, default: []].append(target)
            }
        }
    }

    func verdict(on head: HTTPHead) -> HTTPVerdict {
        do throws(APIError) {
            let targets = targets(at: head.path)
            let target = target(for: head.method, among: targets)
            try checkKey(head, unless: target.map { [$0] } ?? targets)
            if head.method == "OPTIONS", !targets.isEmpty { return .answer(options(head, targets)) }
            guard let target else { throw refusal(head, targets) }
            if target.route.needsModels, !models.areLoaded { throw .loading }
            return .read(upTo: target.route.maximumBody)
        } catch {
            return .answer(error.response)
        }
    }

    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) {
        let targets = targets(at: request.head.path)
        guard let target = target(for: request.head.method, among: targets) else {
            return exchange.respond(refusal(request.head, targets).response)
        }
        guard request.head.method == "POST" else {
            return Self.respond(to: request, exchange, with: target.endpoint)
        }
        // Not on the HTTP thread, which sends the tokens of all streams: parsing a prompt of megabytes or building the
        // automaton of a schema takes long.
        DispatchQueue.global().async { Self.respond(to: request, exchange, with: target.endpoint) }
    }

    private static func respond(
        to request: HTTPRequest, _ exchange: any AnswerSink, with endpoint: any Endpoint
    ) {
        do throws(APIError) {
            try endpoint.respond(to: request, exchange)
        } catch {
            exchange.respond(error.response)
        }
    }

    private func targets(at path: String) -> [Target] {
        fixed[path] ?? open.first { path.hasPrefix($0.key) }?.value ?? []
    }

    /// `HEAD` is answered as `GET`: libmicrohttpd leaves the body out.
    private func target(for method: String, among targets: [Target]) -> Target? {
        targets.first { $0.route.method == (method == "HEAD" ? "GET" : method) }
    }

    /// - Throws: if the request has no key or a wrong one. Unknown paths need a key too.
    private func checkKey(_ head: HTTPHead, unless targets: [Target]) throws(APIError) {
        let isOpen = !targets.isEmpty && targets.allSatisfy { !$0.route.needsKey }
        if keys.isEmpty || isOpen || head.isPreflight { return }
        let words = head.headers["authorization", default: ""].split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw .missingKey }
        guard keys.admit(String(words[1])) else { throw .wrongKey }
    }

    private func refusal(_ head: HTTPHead, _ targets: [Target]) -> APIError {
        targets.isEmpty
            ? .unknownURL(method: head.method, path: head.path)
            : .wrongMethod(method: head.method, path: head.path, allowed: targets.map(\.route.method))
    }

    private func options(_ head: HTTPHead, _ targets: [Target]) -> HTTPResponse {
        let methods = targets.map(\.route.method)
        return HTTPResponse(
            status: 204,
            headers: [("Allow", (methods + ["OPTIONS"]).joined(separator: ", "))]
                + crossOrigin.preflightHeaders(for: head, methods: methods))
    }
}
