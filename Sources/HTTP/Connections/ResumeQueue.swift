import CMicroHTTPD
public import Threads

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

    private let queue = Locked<[Suspended]>([])
    private let window: DeliveryWindow?

    /// `window` is told how many connections have bytes to send, and of each that has sent them.
    public init(window: DeliveryWindow? = nil) {
        self.window = window
    }

    /// The connection is to be resumed with the next flush.
    func add(_ connection: OpaquePointer) {
        queue.withLock { $0.append(Suspended(connection: connection)) }
    }

    /// Sees to it that libmicrohttpd's thread resumes what has been added.
    ///
    /// `isLast`: nothing more comes of the step that an engine is telling of.
    public func flush(isLast: Bool = false) {
        let (count, first) = queue.withLock { ($0.count, $0.popLast()) }
        window?.expect(count, isLast: isLast)
        if let first { MHD_resume_connection(first.connection) }
    }

    /// Resumes the others; on libmicrohttpd's thread, or when that does not call any more.
    func resumeAll() {
        let rest = queue.withLock { queue in
            defer { queue.removeAll(keepingCapacity: true) }
            return queue
        }
        for suspended in rest { MHD_resume_connection(suspended.connection) }
    }

    /// A connection has nothing more to send.
    func hasSent() { window?.sent() }
}
