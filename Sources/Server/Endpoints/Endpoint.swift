import HTTP
import Logging
import OpenAI

/// Answers the requests of a route.
protocol Endpoint: Sendable {
    /// The answer goes to `exchange`, now or later; an error that is thrown is sent instead.
    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) throws(APIError)
}

/// An endpoint that has its whole answer at once.
protocol DirectEndpoint: Endpoint {
    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse
}

extension DirectEndpoint {
    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) throws(APIError) {
        exchange.respond(try response(to: request))
    }
}

extension Endpoint {
    /// Parses a body, or refuses it with the field at fault.
    func parse<Body>(_ body: () throws(InvalidField) -> Body) throws(APIError) -> Body {
        do throws(InvalidField) {
            return try body()
        } catch {
            throw .invalid(error)
        }
    }
}

/// What endpoints are built from; each takes what it needs.
struct EndpointParts: Sendable {
    let models: ModelRegistry
    let admission: Admission
    let requests: RequestMetrics
    let refusals: RefusalLog
    let asksForKey: Bool
    let logger: Logger
    /// Seconds since 1970.
    let created: Int
}
