import FoundationEssentials
import Glibc

/// A new folder that appears under its name when it is complete.
///
/// Until then its files are in a hidden folder beside it, which goes when this object does.
final class OutputFolder {
    /// Where to write the files.
    let path: String
    private let destination: String
    private var isComplete = false

    /// Makes the hidden folder, if `byteCount` bytes have room on the disk.
    ///
    /// - Throws: `UpcyclingError` if `destination` exists, or if its parent folder is missing, full or read-only.
    init(for destination: String, byteCount: Int) throws(UpcyclingError) {
        var destination = destination
        while destination.count > 1, destination.hasSuffix("/") { destination.removeLast() }
        self.destination = destination
        let slash = destination.lastIndex(of: "/")
        let name = slash.map { String(destination[destination.index(after: $0)...]) } ?? destination
        let parent = slash.map { $0 == destination.startIndex ? "/" : String(destination[..<$0]) } ?? "."
        path = "\(parent)/.\(name).partial-\(getpid())"
        var status = stat()
        guard !name.isEmpty else { throw UpcyclingError(.output, "the folder to make has no name") }
        guard lstat(destination, &status) != 0 else {
            throw UpcyclingError(.output, "\(destination): exists already; name a new folder")
        }
        guard stat(parent, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw UpcyclingError(.output, "\(parent): there is no such folder; make it first")
        }
        try Self.checkRoom(in: parent, for: byteCount)
        Self.removeLeftovers(of: name, in: parent)
        guard mkdir(path, 0o755) == 0 else {
            throw UpcyclingError(.output, "\(path): cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    deinit { if !isComplete { try? FileManager.default.removeItem(atPath: path) } }

    func write(_ text: String, to name: String) throws(UpcyclingError) {
        guard FileManager.default.createFile(atPath: path + "/" + name, contents: Data(text.utf8)) else {
            throw UpcyclingError(.output, "\(path)/\(name): cannot be written")
        }
    }

    /// Gives the folder its name.
    func complete() throws(UpcyclingError) {
        guard rename(path, destination) == 0 else {
            throw UpcyclingError(
                .output, "\(destination): cannot be made: \(String(cString: strerror(errno)))")
        }
        isComplete = true
    }

    private static func checkRoom(in parent: String, for byteCount: Int) throws(UpcyclingError) {
        var disk = statvfs()
        // Some network file systems do not say.
        guard statvfs(parent, &disk) == 0, disk.f_blocks > 0 else { return }
        let room = Int(disk.f_bavail) * Int(disk.f_frsize)
        guard room >= byteCount else {
            throw UpcyclingError(
                .output,
                "\(parent): has room for \(room / 1_000_000) MB, but the mixture takes \(byteCount / 1_000_000) MB"
            )
        }
    }

    /// Removes what a killed process has left.
    private static func removeLeftovers(of name: String, in parent: String) {
        let prefix = ".\(name).partial-"
        for leftover in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        where leftover.hasPrefix(prefix) {
            guard let process = pid_t(leftover.dropFirst(prefix.count)), kill(process, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: parent + "/" + leftover)
        }
    }
}
