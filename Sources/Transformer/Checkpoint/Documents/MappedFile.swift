import Glibc

/// A file mapped read-only into memory, as long as this object lives.
// @unchecked: the mapping is private, read-only and unmapped only in deinit, so any thread may read it.
final class MappedFile: Document, @unchecked Sendable {
    let path: String
    /// The contents; never empty.
    let bytes: UnsafeRawBufferPointer
    /// The address of the first byte.
    let start: UnsafeRawPointer

    /// Whether the name exists.
    ///
    /// A dangling link counts, because opening it gives the better error.
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    init(path: String) throws(CheckpointError) {
        // O_NONBLOCK: opening a named pipe must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw CheckpointError(path, "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CheckpointError(path, "is not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else { throw CheckpointError(path, "is empty") }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
            throw CheckpointError(path, "cannot be mapped: \(String(cString: strerror(errno)))")
        }
        self.path = path
        start = UnsafeRawPointer(base)
        bytes = UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Whether an address lies in the mapped file.
    func contains(_ place: UnsafeRawPointer) -> Bool {
        start..<start + bytes.count ~= place
    }

    /// Releases the pages of `count` bytes from `place`, which must point into the file.
    ///
    /// They are read again on the next use.
    func release(_ place: UnsafeRawPointer, count: Int) {
        // Rounds outwards, because reading a page brings in its neighbours. A private mapping without writes loses
        // nothing.
        let step = 1 << 20
        let first = (place - start) / step * step
        let end = min((place - start + count + step - 1) / step * step, bytes.count)
        _ = madvise(UnsafeMutableRawPointer(mutating: start + first), end - first, MADV_DONTNEED)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
}
