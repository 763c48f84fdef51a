/// Reads little-endian values one after the other, and checks that each lies in the file.
struct GGUFReader {
    /// Limit of the header, in a file of any size; that of a model with 256,000 tokens takes 15 MB.
    private static let maximumBytes = 100_000_000

    let path: String
    private(set) var offset = 0
    private let file: UnsafeRawBufferPointer
    /// What errors say about a file that is too short.
    private let shortage: String

    init(_ file: UnsafeRawBufferPointer, path: String) {
        let isCut = file.count > Self.maximumBytes
        self.file = UnsafeRawBufferPointer(rebasing: file.prefix(Self.maximumBytes))
        self.path = path
        shortage = isCut ? "a header can have \(Self.maximumBytes) bytes" : "is the file truncated?"
    }

    private var rest: Int { file.count - offset }

    /// The next `count` bytes.
    mutating func bytes(_ count: Int, _ what: String) throws(GGUFError) -> UnsafeRawBufferPointer {
        guard count <= rest else {
            throw error("\(what) needs \(count) bytes, but only \(rest) follow: \(shortage)")
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: file[offset..<offset + count])
    }

    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type, _ what: @autoclosure () -> String
    ) throws(GGUFError) -> Value {
        guard MemoryLayout<Value>.size <= rest else {
            throw error("the header ends before \(what()): \(shortage)")
        }
        defer { offset += MemoryLayout<Value>.size }
        return Value(littleEndian: file.loadUnaligned(fromByteOffset: offset, as: type))
    }

    /// A number of things, of which each takes at least `minimumSize` bytes.
    mutating func count(_ what: String, minimumSize: Int) throws(GGUFError) -> Int {
        let start = offset
        let count = try integer(UInt64.self, "the number of \(what)")
        guard count <= UInt64(rest / minimumSize) else {
            throw GGUFError(
                path, at: start, "claims \(count) \(what), but only \(rest) bytes follow: \(shortage)")
        }
        return Int(count)
    }

    /// A length, and that many bytes of UTF-8.
    mutating func string(_ what: @autoclosure () -> String) throws(GGUFError) -> String {
        let start = offset
        let length = try integer(UInt64.self, what())
        guard length <= UInt64(rest) else {
            throw GGUFError(
                path, at: start,
                "\(what()) claims \(length) bytes, but only \(rest) follow: \(shortage)")
        }
        let text = UnsafeRawBufferPointer(rebasing: file[offset..<offset + Int(length)])
        guard let string = String(validating: text, as: UTF8.self) else {
            throw GGUFError(path, at: start, "\(what()) is not UTF-8 text")
        }
        offset += Int(length)
        return string
    }

    func error(_ problem: String) -> GGUFError { GGUFError(path, at: offset, problem) }
}
