import Engine
import HTTP
import OpenAI
import Threads

/// Why a request is refused, with the status and the body that OpenAI's API would send.
enum APIError: Error {
    case invalid(InvalidField)
    case missingKey
    case wrongKey
    case unknownURL(method: String, path: String)
    case wrongMethod(method: String, path: String, allowed: [String])
    case unknownModel(String)
    case notAChatModel(String)
    case notACompletionModel(String)
    case tooLong(prompt: Int, completion: Int, contextLength: Int, what: String)
    case bodyTooLarge(limit: Int)
    /// The HTTP cannot be read; `status` says why.
    case unreadable(status: Int)
    case timeout(Duration)
    case queueFull(limit: Int)
    case loading
    case shuttingDown

    private var status: Int {
        switch self {
        case .invalid, .tooLong: 400
        case .missingKey, .wrongKey: 401
        case .unknownURL, .unknownModel, .notAChatModel, .notACompletionModel: 404
        case .wrongMethod: 405
        case .bodyTooLarge: 413
        case .unreadable(let status): status
        case .queueFull, .loading, .shuttingDown: 503
        case .timeout: 504
        }
    }

    var body: ErrorBody {
        switch self {
        case .invalid(let field): Self.refusal(field.message, param: field.param, code: field.code)
        case .missingKey:
            Self.refusal(
                "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
                code: "invalid_api_key")
        case .wrongKey:
            Self.refusal(
                "Incorrect API key provided. You can get one from the operator of this server.",
                code: "invalid_api_key")
        case .unknownURL(let method, let path):
            Self.refusal(
                "Unknown request URL: \(method) \(path). Please check the URL for typos.", code: "unknown_url"
            )
        case .wrongMethod(let method, let path, let allowed):
            Self.refusal(
                "Not allowed to \(method) on \(path). (HINT: Perhaps you meant to use a different HTTP method? Allowed: \(allowed.joined(separator: ", ")).)",
                code: "method_not_supported")
        case .unknownModel(let name):
            Self.refusal(
                "The model `\(name)` does not exist. GET /v1/models lists the models of this server.",
                param: "model",
                code: "model_not_found")
        case .notAChatModel:
            Self.refusal(
                "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
                param: "model")
        case .notACompletionModel:
            Self.refusal(
                "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?",
                param: "model")
        case .tooLong(let prompt, let completion, let contextLength, let what):
            Self.refusal(
                // The sum may not fit into an Int.
                "This model's maximum context length is \(contextLength) tokens. However, you requested \(UInt(prompt) + UInt(completion)) tokens (\(prompt) in the \(what), \(completion) in the completion). Please reduce the length of the \(what) or completion.",
                param: what, code: "context_length_exceeded")
        case .bodyTooLarge(let limit):
            Self.refusal(
                "The request's body is larger than the limit of \(limit) bytes.",
                code: "request_too_large")
        case .unreadable(let status): Self.unreadable(status)
        case .queueFull(let limit):
            ErrorBody(
                message:
                    "The server is overloaded: \(limit) requests are already waiting. Please retry later.",
                type: "server_error", code: "queue_full")
        case .loading:
            ErrorBody(
                message: "The server is loading its models. Please retry later.", type: "server_error",
                code: "loading")
        case .timeout(let time):
            ErrorBody(
                message:
                    "The request took longer than \(time.seconds) seconds. Please ask for fewer tokens, or retry later.",
                type: "server_error", code: "timeout")
        case .shuttingDown:
            ErrorBody(
                message: "The server is shutting down. Please retry later.", type: "server_error",
                code: "shutting_down")
        }
    }

    private static func unreadable(_ status: Int) -> ErrorBody {
        switch status {
        case 413: refusal("The request's body is too large.", code: "request_too_large")
        case 414: refusal("The request's URL is too long.", code: "url_too_long")
        case 431: refusal("The request's headers are too large.", code: "headers_too_large")
        case 501: refusal("This Transfer-Encoding is not supported.", code: "transfer_encoding_not_supported")
        case 505: refusal("This version of HTTP is not supported.", code: "http_version_not_supported")
        default: refusal("The request is not well-formed HTTP.", code: "malformed_request")
        }
    }

    private static func refusal(_ message: String, param: String? = nil, code: String? = nil) -> ErrorBody {
        ErrorBody(message: message, type: "invalid_request_error", param: param, code: code)
    }

    /// The response to send.
    var response: HTTPResponse {
        var response = HTTPResponse.json(body, status: status)
        response.errorCode = body.code
        switch self {
        case .wrongMethod(_, _, let allowed):
            response.headers.append(("Allow", allowed.joined(separator: ", ")))
        case .missingKey, .wrongKey: response.headers.append(("WWW-Authenticate", "Bearer"))
        case .loading: response.headers.append(("Retry-After", "5"))
        case .queueFull, .shuttingDown: response.headers.append(("Retry-After", "1"))
        case .timeout: response.headers.append(("x-should-retry", "false"))
        case .bodyTooLarge, .unreadable: response.headers.append(("Connection", "close"))
        default: break
        }
        return response
    }

    init(_ problem: HTTPProblem) {
        switch problem {
        case .bodyTooLarge(let limit): self = .bodyTooLarge(limit: limit)
        case .unreadable(let status): self = .unreadable(status: status)
        case .stopping: self = .shuttingDown
        }
    }

    init(_ refusal: EngineRefusal) {
        switch refusal {
        case .queueFull(let limit): self = .queueFull(limit: limit)
        case .shuttingDown: self = .shuttingDown
        }
    }
}

extension HTTPResponse {
    /// A value as JSON.
    static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")], body: JSONText.encode(value))
    }
}
