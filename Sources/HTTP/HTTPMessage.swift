/// A request as it came, whole.
public struct HTTPRequest: Sendable {
    public let method: String
    /// Without the query.
    public let path: String
    public let query: [String: String]
    /// By name in lower case.
    public let headers: [String: String]
    public let body: [UInt8]
    /// Unique to the request; clients see it as `x-request-id`.
    public let id: String
    /// When its last byte came.
    public let arrival: ContinuousClock.Instant

    /// The same request with another method.
    public func with(method: String) -> HTTPRequest {
        HTTPRequest(
            method: method, path: path, query: query, headers: headers, body: body, id: id, arrival: arrival)
    }
}

/// A response to send whole.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// The code of the error that it is, if it is one and that has one.
    public var errorCode: String?

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Whoever answers requests.
public protocol HTTPHandler: Sendable {
    /// Called on the HTTP thread, so it must not wait: it answers through `exchange`, now or later, from any
    /// thread.
    func handle(_ request: HTTPRequest, _ exchange: HTTPExchange)
}
