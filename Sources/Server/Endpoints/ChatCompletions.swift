import HTTP
import OpenAI

/// `POST /v1/chat/completions`.
struct ChatCompletionsEndpoint: Endpoint {
    let admission: Admission
    let metrics: RequestMetrics

    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) throws(APIError) {
        let asked = try parse { () throws(InvalidField) in try ChatCompletionRequest(parsing: request.body) }
        let admitted = try admission.admit(asked)
        exchange.limit(toSeconds: asked.parameters.timeout)
        let format = CompletionFormat(
            .chat, of: admitted, asked.parameters, calls: asked.tools, id: request.id)
        let job = CompletionJob(
            admitted, format: format, request: request, exchange: exchange, metrics: metrics)
        try job.start()
    }
}
