import CKernels
public import Threads

/// What this machine could do at best, measured: the roofline that a step's speed is held against.
public struct MachineLimits: Sendable {
    /// Floating-point operations, two to a multiply-add, of all threads together.
    public let operationsPerSecond: Double
    /// Bytes read by all threads together from a block that no cache holds.
    public let bytesPerSecond: Double

    /// Takes about a second.
    public static func measure(kernels: Kernels, workers: WorkerPool) -> MachineLimits {
        let isa = kernels.set.isa
        let multiplyAdds = kernels.set == .portable ? 20_000_000 : 2_000_000_000
        let compute = seconds(workers) { _ in _ = jk_limit_multiply_add(isa, multiplyAdds) }
        let share = (512 << 20) / workers.threadCount
        let memory = PageMemory(byteCount: share * workers.threadCount)
        memory.base.initializeMemory(as: UInt8.self, repeating: 1, count: share * workers.threadCount)
        let read = [1, 2, 4, 8].map { streams in
            seconds(workers) { thread in
                let block = UnsafePointer(
                    (memory.base + thread * share).assumingMemoryBound(to: Float.self))
                _ = jk_limit_read(isa, block, share / MemoryLayout<Float>.size, streams)
            }
        }
        let threads = Double(workers.threadCount)
        return MachineLimits(
            operationsPerSecond: 2 * Double(multiplyAdds) * threads / compute,
            bytesPerSecond: Double(share) * threads / (read.min() ?? .infinity))
    }

    /// The middle time of several rounds in which every thread runs `body` once: a best one would be of a clock speed that
    /// no longer piece of work keeps.
    private static func seconds(_ workers: WorkerPool, _ body: (Int) -> Void) -> Double {
        let rounds = (0..<7).map { _ in
            let start = ContinuousClock.now
            workers.run(parts: workers.threadCount, body)
            return (ContinuousClock.now - start) / .seconds(1)
        }
        return rounds.sorted()[rounds.count / 2]
    }
}
