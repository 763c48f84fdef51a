/// The head of a request: what is known before its body is read.
public struct HTTPHead: Sendable {
    public let method: String
    /// Without the query.
    public let path: String
    public let query: [String: String]
    /// By name in lower case.
    public let headers: [String: String]

    public init(
        method: String, path: String, query: [String: String] = [:], headers: [String: String] = [:]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
    }
}

/// A request with its whole body.
public struct HTTPRequest: Sendable {
    public let head: HTTPHead
    public let body: [UInt8]
    /// Unique to the request; clients see it as `x-request-id`.
    public let id: String
    /// When its last byte arrived.
    public let arrival: ContinuousClock.Instant

    public init(head: HTTPHead, body: [UInt8], id: String, arrival: ContinuousClock.Instant) {
        self.head = head
        self.body = body
        self.id = id
        self.arrival = arrival
    }
}

/// A response that is sent in one piece.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// The error's code, for an error that has one.
    public var errorCode: String?

    public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
