/// Packs the weights of a model one behind another on huge pages.
///
/// A layer of a small expert is far smaller than a huge page: on pages of its own it would be read from memory at two
/// thirds of the speed. Used while a model loads; the memory lives as long as any weight in it.
public final class WeightArena {
    private static let slabSize = 64 << 20
    private var slab: PageMemory?
    private var used = 0

    /// Whether it counts what packing would take instead of packing: weights cannot be multiplied with afterwards.
    public let isMeasuring: Bool
    /// What all weights take together.
    public private(set) var byteCount = 0

    public init(isMeasuring: Bool = false) {
        self.isMeasuring = isMeasuring
    }

    /// Zeroed memory, aligned for the kernels; the first owns it.
    func allocate(byteCount: Int) -> (PageMemory, UnsafeMutableRawPointer) {
        let needed = (byteCount + 63) / 64 * 64
        self.byteCount += needed
        if isMeasuring {
            let none = slab ?? PageMemory(byteCount: 0)
            slab = none
            return (none, none.base)
        }
        if let slab, used + needed <= Self.slabSize {
            defer { used += needed }
            return (slab, slab.base + used)
        }
        let fresh = PageMemory(byteCount: max(needed, Self.slabSize))
        slab = fresh
        used = needed
        return (fresh, fresh.base)
    }
}
