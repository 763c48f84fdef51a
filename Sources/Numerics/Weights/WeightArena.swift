/// Packs the weights of a model one after another on huge pages.
///
/// A small expert's layer is much smaller than a huge page. On ordinary pages it would be read at two thirds of the
/// speed. The arena is used while a model loads. Its memory lives as long as any weight in it.
public final class WeightArena {
    private static let slabSize = 64 << 20
    private var slab: PageMemory?
    private var used = 0

    /// Whether it only counts the bytes that packing would take.
    ///
    /// The weights cannot be used for multiplication then.
    public let isMeasuring: Bool
    /// Bytes of all weights together.
    public private(set) var byteCount = 0

    public init(isMeasuring: Bool = false) {
        self.isMeasuring = isMeasuring
    }

    /// Zeroed memory, aligned for the kernels, and the object that owns it.
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
