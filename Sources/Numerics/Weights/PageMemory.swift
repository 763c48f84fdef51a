import Glibc

/// Zeroed memory on huge pages, each made when it is first written to.
// @unchecked: whoever shares it out sees to it that no two threads write to one place.
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
        // Advice only: without huge pages, reading from memory is slower and nothing else changes.
        _ = madvise(base, byteCount, MADV_HUGEPAGE)
    }

    deinit { munmap(mapping, mappedCount) }
}
