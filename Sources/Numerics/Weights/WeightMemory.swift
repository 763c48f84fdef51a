/// Zeroed memory for weights, aligned for the kernels.
// @unchecked: written only while the object that makes it loads its weights, read-only afterwards.
final class WeightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    /// What keeps the memory; `nil` where it is this object's own.
    private let slab: PageMemory?

    /// Memory in `arena`, or of its own.
    init(byteCount: Int, in arena: WeightArena? = nil) {
        if let arena {
            (slab, base) = arena.allocate(byteCount: byteCount)
        } else {
            slab = nil
            base = .allocate(byteCount: byteCount, alignment: 64)
            base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        }
    }

    deinit {
        if slab == nil { base.deallocate() }
    }

    var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
