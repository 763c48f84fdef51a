import HTTP
import Logging
import Testing

@testable import Server

/// The route table by itself: no model is loaded, and nothing listens.
@Suite struct `The router` {
    private static func router(_ routes: [Route] = Route.all, keys: [String] = []) -> Router {
        var accepted = APIKeys()
        for key in keys { _ = accepted.insert(key) }
        let models = ModelRegistry()
        let parts = EndpointParts(
            models: models, admission: Admission(models: models, constraints: ConstraintStore()),
            requests: RequestMetrics(), refusals: RefusalLog(logger: Logger(label: "test")),
            asksForKey: !keys.isEmpty, logger: Logger(label: "test"), created: 0)
        return Router(routes, of: parts, keys: accepted, crossOrigin: CrossOriginRule())
    }

    /// The answer to a head; `nil` if the body is to be read.
    private static func answer(
        _ method: String, _ path: String, key: String? = nil, from router: Router
    ) -> HTTPResponse? {
        let headers = key.map { ["authorization": "Bearer \($0)"] } ?? [:]
        guard
            case .answer(let response) = router.verdict(
                on: HTTPHead(method: method, path: path, headers: headers))
        else { return nil }
        return response
    }

    @Test(arguments: Route.all.map { ($0.method, $0.path, $0.needsKey, $0.needsModels) })
    func `a route wants its key first, and then its models`(
        method: String, path: String, needsKey: Bool, needsModels: Bool
    ) {
        let router = Self.router(keys: ["key"])
        let stranger = Self.answer(method, path, from: router)
        #expect(stranger?.status == (needsKey ? 401 : needsModels ? 503 : nil))
        let friend = Self.answer(method, path, key: "key", from: router)
        #expect(friend?.errorCode == (needsModels ? "loading" : nil))
    }

    @Test(
        arguments: Dictionary(grouping: Route.all, by: \.path).mapValues { $0.map(\.method) }.map { ($0, $1) }
    )
    func `another method is answered with those there are`(path: String, methods: [String]) throws {
        let allowed = methods.joined(separator: ", ")
        let refusal = try #require(Self.answer("BREW", path, from: Self.router()))
        #expect(refusal.status == 405)
        #expect(refusal.headers.contains { $0 == ("Allow", allowed) })
        let options = try #require(Self.answer("OPTIONS", path, from: Self.router()))
        #expect(options.status == 204)
        #expect(options.headers.contains { $0 == ("Allow", allowed + ", OPTIONS") })
    }

    @Test func `HEAD goes where GET goes, and nowhere else`() {
        #expect(Self.answer("HEAD", "/health", from: Self.router()) == nil)
        #expect(Self.answer("HEAD", "/v1/completions", from: Self.router())?.status == 405)
        #expect(Self.answer("HEAD", "/nothing", from: Self.router())?.status == 404)
    }

    @Test(arguments: ["/", "", "/v1", "/v1/model", "/v1/modelsgpt-4", "/health/", "/v1/models/{model}/x/y"])
    func `a path is served whole or not at all`(path: String) {
        let isModel = path.hasPrefix("/v1/models/")
        #expect(Self.answer("GET", path, from: Self.router())?.status == (isModel ? 503 : 404))
    }

    @Test func `a body has the limit of its route`() {
        func limit(_ maximumBody: Int) -> Int? {
            let route = Route(
                method: "PUT", path: "/x", summary: "", maximumBody: maximumBody, answer: .json("", ""),
                needsModels: false
            ) { _ in HealthEndpoint() }
            guard
                case .read(let limit) = Self.router([route]).verdict(on: HTTPHead(method: "PUT", path: "/x"))
            else { return nil }
            return limit
        }
        #expect(limit(10) == 10)
        #expect(limit(.max) == .max)
    }

    @Test func `an endpoint answers by itself`() throws {
        let head = HTTPHead(method: "GET", path: "/ready")
        let request = HTTPRequest(head: head, body: [], id: "req-1", arrival: .now)
        #expect(HealthEndpoint().response(to: request).status == 200)
        let error = #expect(throws: APIError.self) {
            _ = try ReadyEndpoint(models: ModelRegistry()).response(to: request)
        }
        #expect(error?.response.errorCode == "loading")
    }
}
