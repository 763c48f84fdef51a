import Glibc
import Testing

@testable import Threads

@Suite struct `A delivery window` {
    /// Runs loops until a worker takes part in one.
    private static func shares(_ pool: WorkerPool) {
        let caller = pthread_self()
        let hasShared = Locked(false)
        while !hasShared.withLock({ $0 }) {
            pool.run(parts: 64) { _ in
                if pthread_self() != caller { hasShared.withLock { $0 = true } }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `closes when every connection has sent its part`() {
        let pool = WorkerPool(threadCount: 2)
        let window = DeliveryWindow(workers: pool, longest: .seconds(3_600))
        window.open()
        window.expect(2, isLast: false)
        window.expect(1, isLast: true)
        window.sent()
        window.sent()
        Self.shares(pool)
    }

    @Test(.timeLimit(.minutes(1))) func `closes at once where nothing is to be sent`() {
        let pool = WorkerPool(threadCount: 2)
        let window = DeliveryWindow(workers: pool, longest: .seconds(3_600))
        window.open()
        window.expect(0, isLast: true)
        Self.shares(pool)
    }

    @Test(.timeLimit(.minutes(1))) func `closes by itself where a connection never sends`() {
        let pool = WorkerPool(threadCount: 2)
        let window = DeliveryWindow(workers: pool, longest: .milliseconds(5))
        window.open()
        window.expect(1, isLast: true)
        Self.shares(pool)
    }

    @Test(.timeLimit(.minutes(1))) func `counts a late connection of the step before for nothing`() {
        let pool = WorkerPool(threadCount: 2)
        let window = DeliveryWindow(workers: pool)
        window.sent()
        window.open()
        window.expect(0, isLast: true)
        window.sent()
        Self.shares(pool)
    }
}
