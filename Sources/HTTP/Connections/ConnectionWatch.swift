import CMicroHTTPD
import Glibc
import Threads

/// Detects clients that disconnect, connections that send no request, and requests that take too long.
///
/// libmicrohttpd ignores suspended connections, so a thread with its own epoll waits for the peer to hang up. A client
/// that closes only its sending side looks the same, and is treated as gone.
final class ConnectionWatch: Sendable {
    private struct State {
        /// Exchanges that are watched, by ticket.
        var exchanges: [UInt64: HTTPExchange] = [:]
        var lastTicket: UInt64 = 0
        /// When answers must be complete, by ticket.
        var ends: [UInt64: ContinuousClock.Instant] = [:]
        /// When connections that have not sent a request's head are closed.
        var deadlines: [Int32: ContinuousClock.Instant] = [:]
        var isStopped = false
    }

    private let epoll = shim_epoll_create()
    private let state = Locked(State())
    private let headTimeout: Duration
    private let requestTimeout: Duration?

    init(headTimeout: Duration, requestTimeout: Duration?) {
        self.headTimeout = headTimeout
        self.requestTimeout = requestTimeout
    }

    func start() {
        startThread { [self] in run() }
    }

    /// The thread ends within its poll interval.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Watches an exchange until `remove` is called with the ticket returned.
    func add(_ exchange: HTTPExchange) -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            state.exchanges[state.lastTicket] = exchange
            state.ends[state.lastTicket] = requestTimeout.map { ContinuousClock.now + $0 }
            _ = shim_epoll_watch(epoll, exchange.socket, state.lastTicket)
            return state.lastTicket
        }
    }

    /// The exchange is over; its socket is still open.
    func remove(_ ticket: UInt64) {
        state.withLock { state in
            state.ends[ticket] = nil
            guard let exchange = state.exchanges.removeValue(forKey: ticket) else { return }
            _ = shim_epoll_forget(epoll, exchange.socket)
        }
    }

    /// A connection was opened.
    func connectionOpened(_ socket: Int32) {
        state.withLock { $0.deadlines[socket] = ContinuousClock.now + headTimeout }
    }

    /// The head of a request has arrived.
    func headArrived(_ socket: Int32) {
        state.withLock { $0.deadlines[socket] = nil }
    }

    /// The connection is about to be closed.
    func connectionClosed(_ socket: Int32) {
        state.withLock { $0.deadlines[socket] = nil }
    }

    private func run() {
        while !state.withLock({ $0.isStopped }) {
            let ticket = shim_epoll_next(epoll, interval)
            state.withLock { $0.exchanges[ticket] }?.cancel()
            reap()
            expire()
        }
        close(epoll)
    }

    /// Milliseconds to wait for an event; shorter if a request expires sooner.
    private var interval: Int32 {
        guard let end = state.withLock({ $0.ends.values.min() }) else { return 250 }
        return Int32(min(250, max(0, (end - .now).seconds * 1_000).rounded(.up)))
    }

    /// Ends requests that have taken too long.
    private func expire() {
        guard let requestTimeout else { return }
        let late = state.withLock { state in
            let now = ContinuousClock.now
            let tickets = state.ends.filter { $0.value <= now }.keys
            for ticket in tickets { state.ends[ticket] = nil }
            return tickets.compactMap { state.exchanges[$0] }
        }
        for exchange in late { exchange.expire(after: requestTimeout) }
    }

    /// Closes connections that have sent no head in time.
    ///
    /// Holds the lock, so that no socket is closed and reused meanwhile.
    private func reap() {
        state.withLock { state in
            let now = ContinuousClock.now
            for (socket, deadline) in state.deadlines where deadline < now {
                shutdown(socket, Int32(SHUT_RDWR))
                state.deadlines[socket] = nil
            }
        }
    }
}
