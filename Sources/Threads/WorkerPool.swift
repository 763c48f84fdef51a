import CKernels
import Glibc
import Synchronization

/// Threads that share out the loops of a step.
///
/// A loop is cut into parts, of outputs, experts or tokens, that need nothing from each other; who does which part, and
/// when, is left to chance, so the cut must be one that cannot change a bit. No sum is ever split.
///
/// Workers wait for the next loop of a step in a short spin and then sleep. One loop at a time: a caller that finds the
/// workers with another engine's loop does its own alone.
public final class WorkerPool: Sendable {
    /// Threads that work on a loop, the caller's among them.
    public let threadCount: Int
    private let board: Board
    private let isTaken = Atomic(false)

    /// Starts `threadCount - 1` threads, which end with the pool.
    public init(threadCount: Int) {
        precondition(threadCount >= 1, "a loop needs a thread")
        self.threadCount = threadCount
        board = Board(workers: threadCount - 1)
        for bed in board.beds {
            startThread(.patient) { [board] in board.work(bed) }
        }
    }

    deinit { board.close() }

    /// One of the workers takes no part in loops until `endRest`, or for that long; see `DeliveryWindow`.
    func rest(for time: Duration) { board.rest(until: .now + time) }

    /// The worker that rests is to go on.
    func endRest() { board.endRest() }

    /// Into how many parts to cut a loop: as many as are worth a claim, at most one for each of `units`.
    ///
    /// `picoseconds`: about what one thread needs for all of it. `loops`: how many like it run together.
    public func partCount(picoseconds: Int, units: Int, loops: Int = 1) -> Int {
        let most = (Self.mostParts(threads: threadCount) + loops - 1) / loops
        return max(1, min(picoseconds / Self.leastPart, most, units))
    }

    /// The most parts into which `partCount` cuts a loop of its own.
    public static func mostParts(threads: Int) -> Int { threads == 1 ? 1 : partsPerThread * threads }

    /// Enough for one thread to be late without the others waiting long.
    private static let partsPerThread = 8
    /// Picoseconds of work that are worth a claim.
    private static let leastPart = 3_000_000

    /// Runs `body` once for each of 0 ..< parts, in any order and on any thread; returns when all have run.
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

/// Where a loop's parts are put up and claimed.
private final class Board: Sendable {
    /// Looks at the board before a waiting thread gives its processor up: some tens of microseconds, as long as the parts
    /// of a step that one thread does alone.
    private static let patience = 2000

    /// The number of the loop in the upper half, its unclaimed parts in the lower: a claim is one exchange, and cannot
    /// take a part of a later loop.
    private let unclaimed = Atomic<UInt64>(0)
    private let finished = Atomic(0)
    // Written by the caller while nothing is unclaimed; read after a claim, by which it is published.
    private nonisolated(unsafe) var body: ((Int) -> Void)?
    private nonisolated(unsafe) var parts = 0
    private let sleepers = Atomic(0)
    private let isClosed = Atomic(false)
    /// Where each worker sleeps.
    let beds: [Locked<Void>]
    /// Whether the worker of the first bed takes no part.
    private let isResting = Atomic(false)
    private let restEnd = Locked(ContinuousClock.now)

    init(workers: Int) {
        beds = (0..<workers).map { _ in Locked(()) }
    }

    /// Puts a loop up, works on it, and waits for the parts that others claimed.
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

    /// A worker's life.
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
            // In ascending order, so that a thread walks through memory as its prefetcher expects.
            if isMine { return parts - Int(seen & 0xffff_ffff) }
            seen = now
        }
        return nil
    }

    private func perform(_ part: Int) {
        call(part)
        finished.add(1, ordering: .releasing)
    }

    // A function of its own: whatever it holds of the closure is let go of before the part counts as finished.
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
            // Under the lock: a worker is then either before its last look or already waiting for the signal.
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
