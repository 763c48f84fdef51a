import Catalog
import Engine
import ExpertRouting
import FoundationEssentials
import HTTP
import Numerics
import OpenAI
import Transformer

extension Service {
    /// Answers `POST /v1/chat/completions`.
    func chatCompletion(_ request: HTTPRequest, _ exchange: HTTPExchange) throws(APIError) {
        let asked = try parse { () throws(InvalidField) in try ChatCompletionRequest(parsing: request.body) }
        try run(try admit(asked), asked.parameters, kind: .chat, calls: asked.tools, request, exchange)
    }

    /// Answers `POST /v1/completions`.
    func completion(_ request: HTTPRequest, _ exchange: HTTPExchange) throws(APIError) {
        let asked = try parse { () throws(InvalidField) in try CompletionRequest(parsing: request.body) }
        try run(try admit(asked), asked.parameters, kind: .text, request, exchange)
    }

    /// Reads a body, or says why it is refused.
    func parse<Body>(_ body: () throws(InvalidField) -> Body) throws(APIError) -> Body {
        do throws(InvalidField) {
            return try body()
        } catch {
            throw .invalid(error)
        }
    }

    private func run(
        _ admitted: AdmittedRequest, _ parameters: GenerationParameters, kind: StreamChunks.Kind,
        calls tools: ChatTools? = nil, _ request: HTTPRequest, _ exchange: HTTPExchange
    ) throws(APIError) {
        let object =
            switch (kind, parameters.stream) {
            case (.text, _): "text_completion"
            case (.chat, false): "chat.completion"
            case (.chat, true): "chat.completion.chunk"
            }
        let head = ResponseHead(
            id: (kind == .chat ? "chatcmpl-" : "cmpl-") + request.id.dropFirst(4), object: object,
            created: Int(Date().timeIntervalSince1970), model: admitted.served.entry.name,
            systemFingerprint: admitted.fingerprint)
        exchange.limit(toSeconds: parameters.timeout)
        let calls = tools.flatMap { ForcedCalls($0, id: String(request.id.dropFirst(4))) }
        let format = CompletionFormat(
            kind: kind, head: head,
            chunks: parameters.stream
                ? StreamChunks(kind, head: head, usage: parameters.streamedUsage) : nil, calls: calls)
        let job = CompletionJob(
            admitted, format: format, request: request, exchange: exchange, metrics: metrics)
        try job.start()
    }
}

extension AdmittedRequest {
    /// `fp_` and a hash of all that a completion depends on beside the request and its company.
    fileprivate var fingerprint: String {
        let parts = [
            served.model.fingerprint, served.model.numerics.identity(on: served.model.kernels),
            isolation.rawValue,
            "\(served.engine.rule)",
        ]
        let hash = ContentHash.fnv1a(parts.joined(separator: "|"))
        let digits = String(hash, radix: 16)
        return "fp_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
