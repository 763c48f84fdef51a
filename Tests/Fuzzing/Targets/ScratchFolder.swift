import Foundation
import Glibc

/// A folder for files that are written over and over; removed with this object.
public final class ScratchFolder {
    let path: String
    /// Room for the rows that targets widen.
    let scratch: UnsafeMutablePointer<Float>
    private var written: Set<String> = []

    /// Made in the folder `base`; best one in memory.
    public init(in base: String) {
        path = base + "/jostle-fuzzing-\(UUID().uuidString)"
        scratch = .allocate(capacity: 16)
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            fatalError("\(path): \(error)")
        }
    }

    deinit {
        scratch.deallocate()
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Replaces a file and returns its path.
    func write(_ name: String, _ bytes: some ContiguousBytes) -> String {
        let path = self.path + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let isWhole = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count }
        guard isWhole else { fatalError("\(path) cannot be written") }
        return path
    }

    /// Writes a file that stays as it is.
    func writeOnce(_ name: String, _ bytes: () -> Data) {
        if written.insert(name).inserted { _ = write(name, bytes()) }
    }
}
