import Catalog
import FoundationEssentials
import HTTP
import OpenAI

/// `POST /v1/responses`.
struct ResponsesEndpoint: Endpoint {
    let admission: Admission
    let metrics: RequestMetrics

    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) throws(APIError) {
        let asked = try parse { () throws(InvalidField) in try ResponsesRequest(parsing: request.body) }
        let admitted = try admission.admit(asked)
        exchange.limit(toSeconds: asked.timeout)
        let id = request.id.dropFirst(4)
        let draft = ResponseObject(
            id: "resp_" + id, created: Int(Date().timeIntervalSince1970), model: admitted.served.entry.name,
            request: asked)
        let job = CompletionJob(
            admitted, format: ResponsesFormat(draft, messageID: "msg_" + id, isStreamed: asked.stream),
            request: request, exchange: exchange, metrics: metrics)
        try job.start()
    }
}
