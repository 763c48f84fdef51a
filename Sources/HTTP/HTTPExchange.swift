import CMicroHTTPD
import Glibc
import Threads

/// One request and its answer, shared by the HTTP thread and whoever answers.
///
/// A connection is suspended while there is nothing to send. It must be suspended under the lock that guards the bytes to
/// send, or a wake-up is lost; and resumed outside of that lock, or the HTTP thread wakes up only to wait for it.
public final class HTTPExchange: AnswerSink {
    enum Answer {
        case none
        case whole(HTTPResponse)
        case stream(head: HTTPResponse)
    }

    struct State {
        var request = IncomingRequest()
        var answer = Answer.none
        /// Headers of any answer, beside its own.
        var commonHeaders: [(name: String, value: String)] = []
        /// Bytes of a stream that have not been sent.
        var pending = StreamBuffer()
        var isFinished = false
        var isCancelled = false
        var isSuspended = false
        var isDispatched = false
        /// From now on the socket may belong to another connection.
        var isOver = false
        var onCancel: (@Sendable () -> Void)?
        var onExpiry: (@Sendable (Duration) -> Void)?
        var onSent: (@Sendable ([Duration]) -> Void)?
        /// Set when the request has taken too long: the time it had.
        var expiry: Duration?
    }

    let state = Locked(State())
    /// Called when the exchange is over.
    let over = Locked<(@Sendable () -> Void)?>(nil)
    private nonisolated(unsafe) let connection: OpaquePointer
    /// Unique to the request; every response carries it as `x-request-id`.
    let id: String
    /// The connection's socket.
    let socket: Int32
    /// A client that lets more bytes wait is disconnected.
    private let maximumUnread: Int
    let resumptions: ResumeQueue
    let refusals: RefusalLog

    init(
        connection: OpaquePointer, id: String, resumptions: ResumeQueue, refusals: RefusalLog,
        maximumUnread: Int
    ) {
        self.refusals = refusals
        self.connection = connection
        self.id = id
        self.resumptions = resumptions
        self.maximumUnread = maximumUnread
        socket = shim_MHD_socket(connection)
    }

    public func respond(_ response: HTTPResponse) {
        change { state in
            guard case .none = state.answer else { return }
            state.answer = .whole(response)
            state.onCancel = nil
            // Before the response can leave: a client that has it finds it in the metrics.
            refusals.record(response, of: id)
        }
    }

    public func beginStream(status: Int, headers: [(name: String, value: String)]) {
        change { state in
            guard case .none = state.answer else { return }
            state.answer = .stream(head: HTTPResponse(status: status, headers: headers))
        }
    }

    /// Adds bytes to a stream; a client that reads too slowly is disconnected.
    public func write(_ bytes: [UInt8], knownSince since: ContinuousClock.Instant?) {
        var isTooSlow = false
        change(flushing: false) { state in
            guard !state.isFinished, !state.isCancelled else { return }
            state.pending.append(bytes, knownSince: since)
            isTooSlow = state.pending.count > maximumUnread
        }
        if isTooSlow { cancel() }
    }

    public func finish() {
        change(flushing: false) { state in
            state.isFinished = true
            // A client that closes as soon as it has read the end has not left early.
            state.onCancel = nil
        }
    }

    public func flush() {
        resumptions.flush()
    }

    /// `body` runs on the HTTP thread, when libmicrohttpd has given the bytes to the socket.
    public func onSent(_ body: @escaping @Sendable ([Duration]) -> Void) {
        state.withLock { $0.onSent = body }
    }

    public func onCancel(_ body: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.onCancel = body }
            return state.isCancelled
        }
        if isCancelled { body() }
    }

    public func onExpiry(_ body: @escaping @Sendable (Duration) -> Void) {
        let expiry = state.withLock { state in
            if state.expiry == nil { state.onExpiry = body }
            return state.expiry
        }
        if let expiry { body(expiry) }
    }

    public func expire(after time: Duration) {
        let tell = state.withLock { state in
            state.expiry = time
            defer { state.onExpiry = nil }
            return state.onExpiry
        }
        tell?(time)
    }

    /// The client has left, or is to be disconnected.
    func cancel() {
        var tell: (@Sendable () -> Void)?
        change { state in
            guard !state.isCancelled else { return }
            state.isCancelled = true
            state.pending = StreamBuffer()
            // Without this, libmicrohttpd would wait for a client that does not read.
            if !state.isOver { shutdown(socket, Int32(SHUT_RDWR)) }
            tell = state.onCancel
            state.onCancel = nil
        }
        tell?()
    }

    /// The exchange is over: drops the closures, which hold references to it.
    func forget() {
        state.withLock { state in
            state.isOver = true
            state.onCancel = nil
            state.onExpiry = nil
            state.onSent = nil
        }
        over.withLock { over in
            defer { over = nil }
            return over
        }?()
    }

    /// Suspends the connection until the next change.
    ///
    /// Call it with the lock held, on the HTTP thread.
    func suspend(_ state: inout State) {
        state.isSuspended = true
        MHD_suspend_connection(connection)
    }

    private func change(flushing: Bool = true, _ body: (inout State) -> Void) {
        let wasSuspended = state.withLock { state in
            body(&state)
            defer { state.isSuspended = false }
            return state.isSuspended
        }
        if wasSuspended { resumptions.add(connection) }
        if flushing { flush() }
    }
}

/// A request whose body is still arriving.
struct IncomingRequest {
    var head = HTTPHead(method: "", path: "/")
    var body: [UInt8] = []
    var maximumBody = 0
    /// Set if the request is answered without asking the responder.
    var answer: HTTPResponse?
}
