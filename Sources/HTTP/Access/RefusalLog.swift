public import Logging
import Threads

/// Counts requests that were answered with an error, and logs each at level `debug`.
public final class RefusalLog: Sendable {
    public struct Kind: Hashable, Sendable {
        public let status: Int
        /// The error's code, or an empty string.
        public let code: String
    }

    private let logger: Logger
    private let counts = Locked<[Kind: Int]>([:])

    public init(logger: Logger) {
        self.logger = logger
    }

    /// Counts a response if it is an error; `id` is the request's.
    func record(_ response: HTTPResponse, of id: String) {
        guard response.status >= 400 else { return }
        let kind = Kind(status: response.status, code: response.errorCode ?? "")
        counts.withLock { $0[kind, default: 0] += 1 }
        logger.debug(
            "refused", metadata: ["request": "\(id)", "status": "\(kind.status)", "code": "\(kind.code)"])
    }

    /// Sorted by status and code.
    public var current: [(kind: Kind, count: Int)] {
        counts.withLock { $0 }.map { ($0.key, $0.value) }
            .sorted { ($0.0.status, $0.0.code) < ($1.0.status, $1.0.code) }
    }
}
