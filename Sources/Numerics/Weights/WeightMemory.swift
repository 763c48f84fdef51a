/// Zeroed memory for weights, aligned for the kernels.
// @unchecked: written only while its creator loads weights, read-only afterwards.
final class WeightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    /// The owner of the memory; `nil` if this object owns it.
    private let slab: PageMemory?

    /// Allocates from `arena`, or its own memory.
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
