import CKernels
public import Threads

/// The measured peak speeds of this machine: the roofline that a step's speed is compared with.
public struct MachineLimits: Sendable {
    /// Floating-point operations per second of all threads; a multiply-add counts as two.
    public let operationsPerSecond: Double
    /// Bytes per second that all threads read from a block larger than any cache.
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

    /// Median time of several rounds in which every thread runs `body` once.
    ///
    /// The best round would show a clock speed that longer work cannot sustain.
    private static func seconds(_ workers: WorkerPool, _ body: (Int) -> Void) -> Double {
        let rounds = (0..<7).map { _ in
            let start = ContinuousClock.now
            workers.run(parts: workers.threadCount, body)
            return (ContinuousClock.now - start) / .seconds(1)
        }
        return rounds.sorted()[rounds.count / 2]
    }
}
