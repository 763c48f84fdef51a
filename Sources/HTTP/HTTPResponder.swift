/// What a responder decides when it has seen a request's head.
public enum HTTPVerdict: Sendable {
    /// Answer at once. A body is not read; if there is one, the connection is closed after the answer.
    case answer(HTTPResponse)
    /// Read the body, then respond. A body of more bytes is refused.
    case read(upTo: Int)
}

/// Answers requests, in two steps.
public protocol HTTPResponder: Sendable {
    /// Called before any byte of the body is read, on the HTTP thread: it must not wait.
    func verdict(on head: HTTPHead) -> HTTPVerdict

    /// Called with the whole request, on the HTTP thread: it must not wait.
    ///
    /// The answer goes to `exchange`, now or later, from any thread.
    func respond(to request: HTTPRequest, _ exchange: any AnswerSink)
}
