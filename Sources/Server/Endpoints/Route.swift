/// One row of the route table: what the router, the `Allow` header and the OpenAPI document need to know.
struct Route: Sendable {
    /// What a successful answer is.
    struct Answer: Sendable {
        let description: String
        /// Schemas, as JSON, by media type.
        let content: [(type: String, schema: String)]

        static func json(_ description: String, _ schema: String) -> Answer {
            Answer(description: description, content: [("application/json", APISchema.reference(schema))])
        }
    }

    let method: String
    /// May end with `{name}`, which matches the rest of a path.
    let path: String
    let summary: String
    /// Parameters in the path and the query, each as JSON.
    var parameters: [String] = []
    /// The schema of the body, by name.
    var body: String?
    /// The largest body in bytes, where that is less than the server's limit.
    var maximumBody = Int.max
    let answer: Answer
    /// Statuses of its own refusals, beside those of every route.
    var refusals: [Int] = []
    var needsKey = true
    /// Whether it is refused with 503 until the models are loaded.
    var needsModels = true
    let endpoint: @Sendable (EndpointParts) -> any Endpoint
}
