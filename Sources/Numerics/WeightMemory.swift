import Glibc

/// Zeroed memory for weights, aligned for the kernels; on huge pages where it is large.
// @unchecked: written only while the object that makes it loads its weights, read-only afterwards.
final class WeightMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer

    init(byteCount: Int) {
        let hugePage = 2 << 20
        let isLarge = byteCount >= hugePage
        base = .allocate(byteCount: byteCount, alignment: isLarge ? hugePage : 64)
        // Advice only: without huge pages, reading weights from memory is slower and nothing else changes.
        if isLarge { _ = madvise(base, byteCount, MADV_HUGEPAGE) }
        base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }

    deinit { base.deallocate() }

    var floats: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
}
