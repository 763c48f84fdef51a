import CKernels
import Glibc
import Synchronization

/// A pool of threads that run the loops of a step in parallel.
///
/// A loop is cut into independent parts, by outputs, experts or tokens. Any thread may run any part, in any order, so
/// callers must cut loops such that this cannot change a bit. No sum is ever split.
///
/// Idle workers spin briefly, then sleep. The pool runs one loop at a time: if another engine is using it, the caller
/// runs its own loop alone.
public final class WorkerPool: Sendable {
    /// Number of threads that run a loop, including the caller.
    public let threadCount: Int
    private let board: Board
    private let isTaken = Atomic(false)

    /// Starts `threadCount - 1` threads.
    ///
    /// They end when the pool is released.
    public init(threadCount: Int) {
        precondition(threadCount >= 1, "a loop needs a thread")
        self.threadCount = threadCount
        board = Board(workers: threadCount - 1)
        for bed in board.beds {
            startThread(.patient) { [board] in board.work(bed) }
        }
    }

    deinit { board.close() }

    /// Frees a processor for other threads: one worker pauses until `endRest`, or for at most `time`.
    ///
    /// With a worker on every processor, the kernel would delay short urgent tasks; see `DeliveryWindow`.
    func rest(for time: Duration) { board.rest(until: .now + time) }

    /// Ends the pause that `rest` started.
    func endRest() { board.endRest() }

    /// The number of parts to cut a loop into: as many as are worth their overhead, at most one for each of `units`.
    ///
    /// `picoseconds`: the loop's estimated time on one thread. `loops`: how many such loops run together.
    public func partCount(picoseconds: Int, units: Int, loops: Int = 1) -> Int {
        let most = (Self.mostParts(threads: threadCount) + loops - 1) / loops
        return max(1, min(picoseconds / Self.leastPart, most, units))
    }

    /// The maximum that `partCount` returns for a single loop.
    public static func mostParts(threads: Int) -> Int { threads == 1 ? 1 : partsPerThread * threads }

    /// Enough that one late thread delays the others only a little.
    private static let partsPerThread = 8
    /// Minimum work per part, in picoseconds.
    private static let leastPart = 3_000_000

    /// Runs `body` once for each of 0 ..< parts, in any order and on any thread.
    ///
    /// Returns when all have run.
    public func run(parts: Int, _ body: (Int) -> Void) {
        guard parts > 1, threadCount > 1,
            isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
        else {
            for part in 0..<parts { body(part) }
            return
        }
        withoutActuallyEscaping(body) { board.share(parts: parts, $0) }
        isTaken.store(false, ordering: .releasing)
    }
}

/// Where a loop's parts are offered and claimed.
private final class Board: Sendable {
    /// How often a waiting thread checks before it sleeps: tens of microseconds, about as long as the serial parts of a
    /// step.
    private static let patience = 2000

    /// Upper half: the loop's number.
    ///
    /// Lower half: its unclaimed parts. A claim is one compare-and-exchange, and cannot take a part of a later loop.
    private let unclaimed = Atomic<UInt64>(0)
    private let finished = Atomic(0)
    // Written by the caller while no part is unclaimed. Read after a claim, which synchronises with the write.
    private nonisolated(unsafe) var body: ((Int) -> Void)?
    private nonisolated(unsafe) var parts = 0
    private let sleepers = Atomic(0)
    private let isClosed = Atomic(false)
    /// One per worker, to sleep on.
    let beds: [Locked<Void>]
    /// Whether the first worker is paused.
    private let isResting = Atomic(false)
    private let restEnd = Locked(ContinuousClock.now)

    init(workers: Int) {
        beds = (0..<workers).map { _ in Locked(()) }
    }

    /// Offers a loop, works on it, and waits for the parts that others claimed.
    func share(parts: Int, _ body: @escaping (Int) -> Void) {
        self.body = body
        self.parts = parts
        finished.store(0, ordering: .relaxed)
        let loop = (unclaimed.load(ordering: .relaxed) >> 32 &+ 1) << 32
        unclaimed.store(loop | UInt64(parts), ordering: .sequentiallyConsistent)
        wakeSleepers()
        while let part = claim() { perform(part) }
        var looks = 0
        while finished.load(ordering: .acquiring) < parts {
            looks += 1
            if looks < Self.patience { jk_relax() } else { sched_yield() }
        }
        self.body = nil
    }

    /// The main loop of a worker.
    func work(_ bed: Locked<Void>) {
        let mayRest = bed === beds[0]
        var looks = 0
        while !isClosed.load(ordering: .acquiring) {
            if mayRest, isResting.load(ordering: .relaxed) {
                sleep(in: bed, mayRest: true)
            } else if let part = claim() {
                perform(part)
                looks = 0
            } else if looks < Self.patience {
                looks += 1
                jk_relax()
            } else {
                sleep(in: bed, mayRest: mayRest)
                looks = 0
            }
        }
    }

    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        isResting.store(false, ordering: .sequentiallyConsistent)
        wakeSleepers()
    }

    private var hasUnclaimed: Bool { unclaimed.load(ordering: .sequentiallyConsistent) & 0xffff_ffff != 0 }

    private func claim() -> Int? {
        var seen = unclaimed.load(ordering: .acquiring)
        while seen & 0xffff_ffff != 0 {
            let (isMine, now) = unclaimed.weakCompareExchange(
                expected: seen, desired: seen - 1, ordering: .acquiringAndReleasing)
            // In ascending order, so that the hardware prefetcher can follow.
            if isMine { return parts - Int(seen & 0xffff_ffff) }
            seen = now
        }
        return nil
    }

    private func perform(_ part: Int) {
        call(part)
        finished.add(1, ordering: .releasing)
    }

    // A separate function, so that all references to the closure are released before the part counts as finished.
    @inline(never)
    private func call(_ part: Int) { body?(part) }

    func rest(until end: ContinuousClock.Instant) {
        restEnd.withLock { $0 = end }
        isResting.store(true, ordering: .sequentiallyConsistent)
    }

    func endRest() {
        guard isResting.exchange(false, ordering: .sequentiallyConsistent), hasUnclaimed else { return }
        wakeSleepers()
    }

    private func sleep(in bed: Locked<Void>, mayRest: Bool) {
        sleepers.add(1, ordering: .sequentiallyConsistent)
        bed.wait {
            (hasUnclaimed && !(mayRest && isResting.load(ordering: .sequentiallyConsistent)))
                || isClosed.load(ordering: .sequentiallyConsistent)
        } then: { _ in
        }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
    }

    private func wakeSleepers() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        for bed in beds.dropFirst(isAnyoneResting ? 1 : 0) {
            // Under the lock, a worker has either not yet checked the condition or already waits for the signal.
            bed.withLock { _ in }
            bed.signal()
        }
    }

    private var isAnyoneResting: Bool {
        guard isResting.load(ordering: .sequentiallyConsistent) else { return false }
        guard restEnd.withLock({ $0 }) < .now else { return true }
        isResting.store(false, ordering: .sequentiallyConsistent)
        return false
    }
}
