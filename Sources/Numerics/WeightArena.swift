import Glibc

/// Packs the weights of a model one behind another on huge pages.
///
/// A layer of a small expert is far smaller than a huge page: on pages of its own it would be read from memory at two
/// thirds of the speed. Used while a model loads; the memory lives as long as any weight in it.
public final class WeightArena {
    /// Memory that is given out once and returned whole.
    // @unchecked: whoever is given a part of it is the only one to write there, while it loads.
    final class Slab: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
        private let mapping: UnsafeMutableRawPointer
        private let mappedCount: Int

        /// Zero pages, made as they are written to.
        init(byteCount: Int) {
            mappedCount = byteCount + WeightArena.hugePage
            let mapped = mmap(nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
            guard let mapped, mapped != MAP_FAILED else {
                preconditionFailure("the system has no \(byteCount) bytes of memory for weights")
            }
            mapping = mapped
            base = mapped.alignedUp(toMultipleOf: WeightArena.hugePage)
            // Advice only: without huge pages, reading weights from memory is slower and nothing else changes.
            _ = madvise(base, byteCount, MADV_HUGEPAGE)
        }

        deinit { munmap(mapping, mappedCount) }
    }

    private static let hugePage = 2 << 20
    private static let slabSize = 64 << 20
    private var slab: Slab?
    private var used = 0

    public init() {}

    /// Zeroed memory, aligned for the kernels.
    func allocate(byteCount: Int) -> (Slab, UnsafeMutableRawPointer) {
        let needed = (byteCount + 63) / 64 * 64
        if let slab, used + needed <= Self.slabSize {
            defer { used += needed }
            return (slab, slab.base + used)
        }
        let fresh = Slab(byteCount: max(needed, Self.slabSize))
        slab = fresh
        used = needed
        return (fresh, fresh.base)
    }
}
