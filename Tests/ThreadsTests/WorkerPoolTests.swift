import Glibc
import Testing
@testable import Threads

/// A loop's parts each run once, whoever runs them.
@Suite(.timeLimit(.minutes(1))) struct WorkerPoolTests {
    /// How often each part ran.
    private func counts(_ pool: WorkerPool, parts: Int) -> [Int] {
        let counts = Locked([Int](repeating: 0, count: parts))
        pool.run(parts: parts) { part in counts.withLock { $0[part] += 1 } }
        return counts.withLock { $0 }
    }

    @Test(arguments: [1, 2, 3, 8])
    func `every part runs once`(threads: Int) {
        let pool = WorkerPool(threadCount: threads)
        for parts in [0, 1, 2, 3, 7, 100] {
            #expect(counts(pool, parts: parts) == [Int](repeating: 1, count: parts))
        }
    }

    @Test func `loop after loop, none takes a part of another`() {
        let pool = WorkerPool(threadCount: 4)
        let sums = Locked([Int](repeating: 0, count: 5_000))
        for loop in 0..<5_000 {
            pool.run(parts: 1 + loop % 9) { part in sums.withLock { $0[loop] += part + 1 } }
        }
        #expect(
            sums.withLock { $0 }.enumerated().allSatisfy { loop, sum in
                let parts = 1 + loop % 9
                return sum == parts * (parts + 1) / 2
            })
    }

    @Test func `callers at the same time each get their loop done`() async {
        let pool = WorkerPool(threadCount: 3)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { counts(pool, parts: 1 + $0 % 6).allSatisfy { $0 == 1 } }
                }
            }
            for await isWhole in group { #expect(isWhole) }
        }
    }

    @Test func `a loop within a part runs on the thread of that part`() {
        let pool = WorkerPool(threadCount: 2)
        let count = Locked(0)
        pool.run(parts: 4) { _ in pool.run(parts: 3) { _ in count.withLock { $0 += 1 } } }
        #expect(count.withLock { $0 } == 12)
    }

    @Test func `the work is shared: two parts that wait for each other both run`() {
        let pool = WorkerPool(threadCount: 2)
        let arrived = Locked(0)
        pool.run(parts: 2) { _ in
            arrived.withLock { $0 += 1 }
            arrived.signal()
            arrived.wait {
                $0 == 2
            } then: { _ in
            }
        }
        #expect(arrived.withLock { $0 } == 2)
    }

    @Test func `a paused worker takes no parts, and resumes when the pause ends`() {
        let pool = WorkerPool(threadCount: 2)
        let threads = Locked<Set<pthread_t>>([])
        func run() {
            pool.run(parts: 64) { _ in
                threads.withLock { _ = $0.insert(pthread_self()) }
            }
        }
        pool.rest(for: .seconds(60))
        // A worker that was about to take a part still does.
        run()
        threads.withLock { $0 = [] }
        for _ in 0..<200 { run() }
        #expect(threads.withLock { $0.count } == 1)
        pool.endRest()
        while threads.withLock({ $0.count }) < 2 { run() }
    }

    @Test func `a pause that is not ended explicitly times out`() {
        let pool = WorkerPool(threadCount: 2)
        pool.rest(for: .milliseconds(20))
        let arrived = Locked(0)
        while arrived.withLock({ $0 }) == 0 {
            let caller = pthread_self()
            pool.run(parts: 64) { _ in
                if pthread_self() != caller { arrived.withLock { $0 += 1 } }
            }
        }
    }

    @Test func `small work is not cut`() {
        let pool = WorkerPool(threadCount: 4)
        #expect(pool.partCount(picoseconds: 1_000_000, units: 100) == 1)
        #expect(pool.partCount(picoseconds: 1_000_000_000, units: 3) == 3)
        #expect(
            pool.partCount(picoseconds: 1_000_000_000, units: 100) == WorkerPool.mostParts(threads: 4))
        #expect(WorkerPool(threadCount: 1).partCount(picoseconds: 1_000_000_000, units: 100) == 1)
    }
}
