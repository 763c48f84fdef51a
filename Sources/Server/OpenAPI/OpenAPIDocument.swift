import ExpertRouting
import HTTP
import OpenAI

// `GET /openapi.json`: the route table as OpenAPI 3.1.
//
// To add a parameter, add a line to the schema of its request, in OpenAPIRequestSchemas or OpenAPIOtherRequests. A test
// compares them with the request types. To add a field of a response, change OpenAPIResponseSchemas. New schemas go into
// `APISchema.all` or `.responses`; others refer to them with `APISchema.reference("Name")`.
// Tests/Clients/API/test_openapi.py sends what the document allows, and checks the answers against it.

extension Route {
    /// Refusals that any route may have.
    private static let commonRefusals = [503]

    private static let refusalDescriptions = [
        400: "The request is invalid: `param` names the field.",
        401: "The API key is missing or wrong.",
        404: "The model does not exist.",
        413: "The body is too large.",
        503: "The server is loading, stopping or full: retry after the seconds in `Retry-After`.",
        504: "The request took longer than its `timeout` or the server's `request-timeout`.",
    ]

    /// The route as a member of its path.
    fileprivate var json: String {
        var members = [
            "\"summary\":\(APISchema.text(summary))", "\"operationId\":\(APISchema.text(identifier))",
            "\"parameters\":[\(parameters.joined(separator: ","))]", "\"responses\":{\(responses)}",
        ]
        if let body {
            members.append(
                """
                "requestBody":{"required":true,"content":{"application/json":{"schema":\(APISchema.reference(body))}}}
                """)
        }
        if !needsKey { members.append("\"security\":[]") }
        return "\"\(method.lowercased())\":{\(members.joined(separator: ","))}"
    }

    private var identifier: String {
        let words = (method.lowercased() + path).split { !$0.isLetter && !$0.isNumber }
        return words.joined(separator: "_")
    }

    private var responses: String {
        let content = answer.content.map { "\(APISchema.text($0.type)):{\"schema\":\($0.schema)}" }
        let success = """
            "200":{"description":\(APISchema.text(answer.description)),"headers":\(APISchema.headers),\
            "content":{\(content.joined(separator: ","))}}
            """
        let statuses = Set(refusals + Self.commonRefusals + (needsKey ? [401] : []))
        let refused = statuses.sorted().map { status in
            """
            "\(status)":{"description":\(APISchema.text(Self.refusalDescriptions[status] ?? "Refused.")),\
            "headers":\(APISchema.headers),\
            "content":{"application/json":{"schema":\(APISchema.reference("Error"))}}}
            """
        }
        return ([success] + refused).joined(separator: ",")
    }
}

/// The whole document.
enum OpenAPIDocument {
    /// As JSON; `asksForKey`: whether requests need a key.
    static func json(asksForKey: Bool) -> [UInt8] { asksForKey ? locked : open }

    private static let locked = Array(text(security: "[{\"key\":[]}]").utf8)
    private static let open = Array(text(security: "[]").utf8)

    private static func text(security: String) -> String {
        let paths = Set(Route.all.map(\.path)).sorted().map { path in
            let operations = Route.all.filter { $0.path == path }.map(\.json)
            return "\"\(path)\":{\(operations.joined(separator: ","))}"
        }
        let schemas = APISchema.all.map { "\"\($0.name)\":\($0.schema)" }
        return """
            {"openapi":"3.1.0","info":{"title":"Jostle","version":"\(Service.version)","description":\
            \(APISchema.text(description))},"servers":[{"url":"/"}],"security":\(security),\
            "paths":{\(paths.joined(separator: ","))},"components":{"schemas":{\(schemas.joined(separator: ","))},\
            "securitySchemes":{"key":{"type":"http","scheme":"bearer"}}}}
            """
    }

    private static let description = """
        An OpenAI-compatible server in which the tokens of concurrent requests compete for expert capacity. Fields that \
        are null count as absent. HTTP that cannot be read is refused with 400, 413, 414, 431, 501 or 505, an unknown \
        method with 405 and an unknown path with 404, all with an Error.
        """
}

/// `GET /openapi.json`.
struct OpenAPIEndpoint: DirectEndpoint {
    let asksForKey: Bool

    func response(to request: HTTPRequest) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json")],
            body: OpenAPIDocument.json(asksForKey: asksForKey))
    }
}
