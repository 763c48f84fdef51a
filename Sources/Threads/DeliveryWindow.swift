/// The time after a step in which one worker leaves its processor to the threads that send the step's tokens.
///
/// If every processor runs a worker, the sending threads have to wait for a time slice. The window opens when a step's
/// events are about to be delivered. It closes when every connection has sent its part, or after `longest`.
public final class DeliveryWindow: Sendable {
    private let workers: WorkerPool
    private let longest: Duration
    /// Connections that have bytes of the step to send.
    private let unsent = Locked(0)

    public init(workers: WorkerPool, longest: Duration = .milliseconds(3)) {
        self.workers = workers
        self.longest = longest
    }

    /// Call before a step's events are delivered.
    public func open() {
        unsent.withLock { $0 = 0 }
        workers.rest(for: longest)
    }

    /// This many connections have bytes to send.
    ///
    /// `isLast`: no more will follow in this step.
    public func expect(_ connections: Int, isLast: Bool) {
        let isEmpty = unsent.withLock { unsent in
            unsent = max(unsent, connections)
            return unsent == 0
        }
        if isLast, isEmpty { workers.endRest() }
    }

    /// A connection has sent all it had.
    public func sent() {
        let isLast = unsent.withLock { unsent in
            guard unsent > 0 else { return false }
            unsent -= 1
            return unsent == 0
        }
        if isLast { workers.endRest() }
    }
}
