public import Logging
import Threads

/// Requests that were answered with an error: counted for `/metrics`, and told to whoever debugs.
public final class RefusalLog: Sendable {
    public struct Kind: Hashable, Sendable {
        public let status: Int
        /// The error's code; empty where it has none.
        public let code: String
    }

    private let logger: Logger
    private let counts = Locked<[Kind: Int]>([:])

    public init(logger: Logger) {
        self.logger = logger
    }

    /// `id`: the request's.
    func record(_ response: HTTPResponse, of id: String) {
        guard response.status >= 400 else { return }
        let kind = Kind(status: response.status, code: response.errorCode ?? "")
        counts.withLock { $0[kind, default: 0] += 1 }
        logger.debug(
            "refused", metadata: ["request": "\(id)", "status": "\(kind.status)", "code": "\(kind.code)"])
    }

    /// In order of status and code.
    public var current: [(kind: Kind, count: Int)] {
        counts.withLock { $0 }.map { ($0.key, $0.value) }
            .sorted { ($0.0.status, $0.0.code) < ($1.0.status, $1.0.code) }
    }
}
