import HTTP
import OpenAI

/// `POST /v1/completions`.
struct CompletionsEndpoint: Endpoint {
    let admission: Admission
    let metrics: RequestMetrics

    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) throws(APIError) {
        let asked = try parse { () throws(InvalidField) in try CompletionRequest(parsing: request.body) }
        let admitted = try admission.admit(asked)
        exchange.limit(toSeconds: asked.parameters.timeout)
        let format = CompletionFormat(.text, of: admitted, asked.parameters, id: request.id)
        let job = CompletionJob(
            admitted, format: format, request: request, exchange: exchange, metrics: metrics)
        try job.start()
    }
}
