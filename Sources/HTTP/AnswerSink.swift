import Dispatch
import Threads

/// Takes the answer to one request: a whole response, or a stream.
///
/// ``HTTPExchange`` sends it to the client. Tests collect it without a socket.
public protocol AnswerSink: AnyObject, Sendable {
    /// Answers with a whole response; later calls have no effect.
    func respond(_ response: HTTPResponse)

    /// Begins a stream: status and headers now, bytes as they are written.
    func beginStream(status: Int, headers: [(name: String, value: String)])

    /// Adds bytes to a stream; they are sent with the next flush.
    ///
    /// `since`: when the content of the bytes was known, for `onSent`.
    func write(_ bytes: [UInt8], knownSince since: ContinuousClock.Instant?)

    /// Ends a stream; the client is told with the next flush.
    func finish()

    /// Sends what has been written. The engine flushes by itself after each step.
    func flush()

    /// Calls `body` with the age of written bytes each time some have been sent.
    func onSent(_ body: @escaping @Sendable ([Duration]) -> Void)

    /// Calls `body` once if the client leaves before the answer is complete; at once if it has left already.
    func onCancel(_ body: @escaping @Sendable () -> Void)

    /// Calls `body` once if the request takes too long, with the time it had; at once if it has already.
    func onExpiry(_ body: @escaping @Sendable (Duration) -> Void)

    /// The request has taken too long.
    func expire(after time: Duration)
}

extension AnswerSink {
    public func write(_ bytes: [UInt8]) { write(bytes, knownSince: nil) }

    /// Gives the request at most this many seconds; `nil`: no limit of its own.
    public func limit(toSeconds seconds: Double?) {
        guard let seconds else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
            self?.expire(after: .seconds(seconds))
        }
    }
}
