/// Why the daemon refuses a request without asking its responder.
///
/// `describe`, which ``HTTPDaemon`` is given, makes the answer in the API's format.
public enum HTTPProblem: Sendable, Hashable {
    /// The body has more bytes than the limit.
    case bodyTooLarge(limit: Int)
    /// The request cannot be read; `status` is 400, 413, 414, 431, 501 or 505.
    case unreadable(status: Int)
    /// The server is stopping.
    case stopping
}
