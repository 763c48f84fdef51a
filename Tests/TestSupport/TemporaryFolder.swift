import Foundation

/// A folder for the files of one test, removed with this object.
public final class TemporaryFolder {
    public let path: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appending(component: "jostle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, in a folder that may be new, and returns its path.
    public func write(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let path = try newPath(name)
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    public func write(_ name: String, _ text: String) throws -> String {
        try write(name, text.utf8)
    }

    /// Makes a symbolic link, in a folder that may be new, and returns its path.
    ///
    /// `target`: as `readlink` returns it.
    @discardableResult public func link(_ name: String, to target: String) throws -> String {
        let path = try newPath(name)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
        return path
    }

    private func newPath(_ name: String) throws -> String {
        let url = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        return url.path
    }
}
