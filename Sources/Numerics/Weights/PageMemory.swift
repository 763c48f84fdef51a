import Glibc

/// Zeroed memory on huge pages. A page is allocated when it is first written.
// @unchecked: callers make sure that no two threads write to the same place.
public final class PageMemory: @unchecked Sendable {
    private static let hugePage = 2 << 20

    /// Aligned to a huge page.
    public let base: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedCount: Int

    public init(byteCount: Int) {
        mappedCount = byteCount + Self.hugePage
        let mapped = mmap(nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else {
            preconditionFailure("the system has no \(byteCount) bytes of memory left")
        }
        mapping = mapped
        base = mapped.alignedUp(toMultipleOf: Self.hugePage)
        // Only advice: without huge pages, reads are slower and nothing else changes.
        _ = madvise(base, byteCount, MADV_HUGEPAGE)
    }

    deinit { munmap(mapping, mappedCount) }
}
