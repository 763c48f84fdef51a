/// Why HTTP itself refuses a request, before any responder sees it.
///
/// The API says what the answer looks like: see ``HTTPDaemon``'s `describe`.
public enum HTTPProblem: Sendable, Hashable {
    /// The body has more bytes than the limit.
    case bodyTooLarge(limit: Int)
    /// The request cannot be read; `status` is 400, 413, 414, 431, 501 or 505.
    case unreadable(status: Int)
    /// The server is stopping.
    case stopping
}
