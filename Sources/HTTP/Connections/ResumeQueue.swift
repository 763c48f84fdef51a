import CMicroHTTPD
import Threads

/// Connections with news for their clients, on their way back to libmicrohttpd's thread.
///
/// Each resumption from elsewhere wakes that thread, which the kernel may let run at once in place of whoever woke it: the
/// tokens of 64 streams would be 64 turns from thread to thread and back. So the first connection is resumed from
/// elsewhere, and the thread, woken, resumes the others.
public final class ResumeQueue: Sendable {
    /// A connection that is suspended, and stays so until it is resumed from here.
    private struct Suspended: @unchecked Sendable {
        let connection: OpaquePointer
    }

    private struct State {
        var queue: [Suspended] = []
        /// Of the connections of the latest flush, those whose bytes are not in the socket.
        var unsent = 0
    }

    private let state = Locked(State())
    private let onSent: @Sendable () -> Void

    /// `onSent` is called when a step's news has been sent, or there was none to send; where a client does not read, it may
    /// not be called for that step.
    public init(onSent: @escaping @Sendable () -> Void = {}) {
        self.onSent = onSent
    }

    /// The connection is to be resumed with the next flush.
    func add(_ connection: OpaquePointer) {
        state.withLock { $0.queue.append(Suspended(connection: connection)) }
    }

    /// Sees to it that libmicrohttpd's thread resumes what has been added.
    func flush() {
        let first = state.withLock { state in
            state.unsent = max(state.unsent, state.queue.count)
            return state.queue.popLast()
        }
        if let first { MHD_resume_connection(first.connection) }
    }

    /// As `flush`, when an engine has told all of a step's news.
    public func flushStep() {
        let isEmpty = state.withLock { state in
            state.unsent = state.queue.count
            return state.queue.isEmpty
        }
        if isEmpty { onSent() } else { flush() }
    }

    /// Resumes the others; on libmicrohttpd's thread, or when that does not call any more.
    func resumeAll() {
        let rest = state.withLock { state in
            defer { state.queue.removeAll(keepingCapacity: true) }
            return state.queue
        }
        for suspended in rest { MHD_resume_connection(suspended.connection) }
    }

    /// A connection has nothing more to send.
    func hasSent() {
        let isLast = state.withLock { state in
            guard state.unsent > 0 else { return false }
            state.unsent -= 1
            return state.unsent == 0
        }
        if isLast { onSent() }
    }
}
