import Glibc
import JSON
import Numerics

/// Writes a safetensors file, tensor after tensor, in the order of its header.
///
/// Layout: an 8-byte little-endian length, that many bytes of JSON, then the tensors' bytes.
struct SafetensorsWriter: ~Copyable {
    private let path: String
    private let descriptor: Int32

    /// Creates the file and writes its header.
    init(path: String, tensors: [TensorPlan]) throws(UpcyclingError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path, "cannot be created") }
        try write(Self.header(of: tensors).span.bytes)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Bytes of a file with these tensors.
    static func byteCount(of tensors: [TensorPlan]) -> Int {
        header(of: tensors).count + tensors.reduce(0) { $0 + $1.byteCount }
    }

    /// The length and the JSON, padded with spaces, so that every tensor is aligned.
    private static func header(of tensors: [TensorPlan]) -> [UInt8] {
        // Without this note, transformers refuses the file.
        var members = [JSONValue.Member("__metadata__", .object([JSONValue.Member("format", .string("pt"))]))]
        var end = 0
        for tensor in tensors {
            let start = end
            end += tensor.byteCount
            members.append(
                JSONValue.Member(
                    tensor.name,
                    .object([
                        JSONValue.Member("dtype", .string(tensor.element.rawValue)),
                        JSONValue.Member("shape", .array(tensor.shape.map { .integer($0) })),
                        JSONValue.Member("data_offsets", .array([.integer(start), .integer(end)])),
                    ])))
        }
        let text = Array(JSONValue.object(members).text.utf8)
        let padding = [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        let length = UInt64(text.count + padding.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text + padding
    }

    func write(_ bytes: RawSpan) throws(UpcyclingError) {
        try bytes.withUnsafeBytes { bytes throws(UpcyclingError) in try write(bytes) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(UpcyclingError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, min(rest.count, 1 << 24))
            guard count > 0 || errno == EINTR else { throw Self.failure(path, "cannot be written") }
            rest = UnsafeRawBufferPointer(rebasing: rest[max(count, 0)...])
        }
    }

    /// Has everything on the disk.
    func finish() throws(UpcyclingError) {
        guard fsync(descriptor) == 0 else { throw Self.failure(path, "cannot be written") }
    }

    private static func failure(_ path: String, _ what: String) -> UpcyclingError {
        UpcyclingError(.output, "\(path): \(what): \(String(cString: strerror(errno)))")
    }
}
