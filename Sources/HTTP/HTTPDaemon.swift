import CErrorPages
import CMicroHTTPD
import Glibc
public import Logging
import Threads

/// Address and limits of a daemon.
public struct HTTPOptions: Sendable {
    public var host = "127.0.0.1"
    /// 0 takes any free port.
    public var port: UInt16 = 8080
    /// The most bytes of a request's body.
    public var maximumBody = 2 << 20
    /// The most bytes of a stream that may wait for a client to read; beyond it the client is disconnected.
    public var maximumUnread = 4 << 20
    /// The most connections at a time; others wait to be accepted.
    public var maximumConnections: UInt32 = 2_000
    /// Seconds after which an idle connection is closed.
    public var idleTimeout: UInt32 = 120
    /// The time a client has to send a request's head.
    public var headTimeout: Duration = .seconds(30)
    /// The longest time from a request's last byte to its answer's; `nil`: no limit.
    public var requestTimeout: Duration?
    /// If set, the daemon accepts only TLS.
    public var tls: TLSIdentity?
    public var crossOrigin = CrossOriginRule()

    public init() {}
}

/// Why a daemon cannot start.
public struct ListenError: Error, CustomStringConvertible {
    public let description: String
    /// Whether the address is at fault, rather than the certificate.
    public let isAddress: Bool

    init(_ description: String, isAddress: Bool = true) {
        self.description = description
        self.isAddress = isAddress
    }
}

/// An HTTP server on libmicrohttpd: one epoll thread reads requests and sends answers.
public final class HTTPDaemon: Sendable {
    /// What the C callbacks use.
    final class Context: Sendable {
        let responder: any HTTPResponder
        let options: HTTPOptions
        let watch: ConnectionWatch
        let resumptions: ResumeQueue
        let refusals: RefusalLog
        let describe: @Sendable (HTTPProblem) -> HTTPResponse
        /// Requests without a complete answer.
        let live = Locked<[ObjectIdentifier: HTTPExchange]>([:])
        let isStopping = Locked(false)
        /// Part of each request's id, so that ids differ between processes.
        private let run = UInt32.random(in: 0...UInt32.max)
        private let requestCount = Locked(0)

        init(
            responder: any HTTPResponder, options: HTTPOptions, resumptions: ResumeQueue,
            refusals: RefusalLog, describe: @escaping @Sendable (HTTPProblem) -> HTTPResponse
        ) {
            self.refusals = refusals
            self.describe = describe
            self.responder = responder
            self.resumptions = resumptions
            self.options = options
            watch = ConnectionWatch(
                headTimeout: options.headTimeout, requestTimeout: options.requestTimeout)
        }

        /// The id of the next request.
        func nextID() -> String {
            let number = requestCount.withLock { count in
                count += 1
                return count
            }
            return "req-\(String(run, radix: 16))-\(number)"
        }
    }

    private let context: Context
    private nonisolated(unsafe) let daemon: OpaquePointer
    /// Kept because libmicrohttpd holds pointers into them.
    private let secrets: [HeldCString]
    /// The port it listens on.
    public let port: UInt16
    /// Whether only this machine can reach it.
    public let isLoopback: Bool

    /// Starts listening; `responder` is called on the daemon's thread.
    ///
    /// What is written to streams is sent when `resumptions` are flushed. `describe` makes the answer to a request that
    /// HTTP itself refuses.
    public init(
        _ options: HTTPOptions, responder: any HTTPResponder, resumptions: ResumeQueue,
        refusals: RefusalLog, logger: Logger,
        describe: @escaping @Sendable (HTTPProblem) -> HTTPResponse
    ) throws(ListenError) {
        DaemonLog.logger.withLock { $0 = logger }
        error_pages_replace(errorPage)
        context = Context(
            responder: responder, options: options, resumptions: resumptions, refusals: refusals,
            describe: describe)
        let socket = try ListeningSocket(host: options.host, port: options.port)
        let opaque = Unmanaged.passUnretained(context).toOpaque()
        secrets = options.tls.map { [HeldCString($0.certificate), HeldCString($0.key)] } ?? []
        var settings: [MHD_OptionItem] = [
            shim_MHD_logger(logMessage),
            MHD_OptionItem(option: .LISTEN_SOCKET, value: Int(socket.descriptor), ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_LIMIT, value: Int(options.maximumConnections), ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_TIMEOUT, value: Int(options.idleTimeout), ptr_value: nil),
            MHD_OptionItem(option: .CONNECTION_MEMORY_LIMIT, value: 128 << 10, ptr_value: nil),
            shim_MHD_completed(requestCompleted),
            shim_MHD_connected(connectionChanged, opaque),
        ]
        for (option, secret) in zip([MHD_OPTION.HTTPS_MEM_CERT, .HTTPS_MEM_KEY], secrets) {
            settings.append(MHD_OptionItem(option: option, value: 0, ptr_value: secret.pointer))
        }
        settings.append(MHD_OptionItem(option: .END, value: 0, ptr_value: nil))
        let flags =
            MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
            | MHD_USE_ERROR_LOG.rawValue | (options.tls == nil ? 0 : MHD_USE_TLS.rawValue)
        guard let daemon = shim_MHD_start(flags, 0, answerConnection, opaque, settings) else {
            close(socket.descriptor)
            throw ListenError(Self.reasonNotToStart(options), isAddress: options.tls == nil)
        }
        self.daemon = daemon
        port = socket.port
        isLoopback = socket.isLoopback
        context.watch.start()
    }

    private static func reasonNotToStart(_ options: HTTPOptions) -> String {
        guard options.tls != nil else {
            return "libmicrohttpd could not start on \(options.host) port \(options.port)"
        }
        return MHD_is_feature_supported(.FEATURE_TLS) == .YES
            ? "the key is not the certificate's, or one of them is damaged"
            : "this libmicrohttpd was built without TLS"
    }

    /// Stops accepting connections, waits until `deadline` for the answers in flight, and ends.
    ///
    /// `expire` is called at the deadline, and should end the requests that are left. A client that has not read its answer
    /// one second later is disconnected.
    public func stop(deadline: Duration, expire: () -> Void = {}) {
        context.isStopping.withLock { $0 = true }
        let listening = MHD_quiesce_daemon(daemon)
        if listening >= 0 { close(listening) }
        waitForAnswers(deadline)
        expire()
        waitForAnswers(.seconds(1))
        for exchange in context.live.withLock({ Array($0.values) }) { exchange.cancel() }
        // libmicrohttpd aborts the process if a connection is suspended while it stops. None is: every exchange has been
        // cancelled, and new requests are refused.
        context.resumptions.resumeAll()
        MHD_stop_daemon(daemon)
        context.watch.stop()
    }

    private func waitForAnswers(_ time: Duration) {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, context.live.withLock({ !$0.isEmpty }) { usleep(5_000) }
    }
}

/// The logger for libmicrohttpd's own messages; global because the C callback has no context.
enum DaemonLog {
    static let logger = Locked(Logger(label: "http"))
}

private let logMessage: shim_log = { message in
    let text = String(cString: message)
    DaemonLog.logger.withLock { $0.debug("\(text.hasSuffix("\n") ? String(text.dropLast()) : text)") }
}
