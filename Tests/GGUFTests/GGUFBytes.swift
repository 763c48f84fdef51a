import GGUF

/// Writes a GGUF file, also a wrong one.
struct GGUFBytes {
    struct Tensor {
        var name = "a"
        /// In the order of the file: innermost first.
        var extents: [UInt64] = [4]
        var type: UInt32 = 0
        var offset: UInt64 = 0
    }

    var magic = "GGUF"
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var entryCount: UInt64?
    /// Key, number of the type, bytes of the value.
    var entries: [(String, UInt32, [UInt8])] = []
    var tensors: [Tensor] = []
    var alignment = 32
    var data: [UInt8] = []

    static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func string(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + text.utf8 }

    /// The bytes of an array's value.
    static func array(of type: UInt32, _ elements: [[UInt8]], count: UInt64? = nil) -> [UInt8] {
        number(type) + number(count ?? UInt64(elements.count)) + elements.joined()
    }

    var bytes: [UInt8] {
        var bytes = Array(magic.utf8) + Self.number(version)
        bytes += Self.number(tensorCount ?? UInt64(tensors.count))
        bytes += Self.number(entryCount ?? UInt64(entries.count))
        for (key, type, value) in entries { bytes += Self.string(key) + Self.number(type) + value }
        for tensor in tensors {
            bytes += Self.string(tensor.name) + Self.number(UInt32(tensor.extents.count))
            bytes += tensor.extents.flatMap(Self.number)
            bytes += Self.number(tensor.type) + Self.number(tensor.offset)
        }
        while bytes.count % alignment != 0 { bytes.append(0) }
        return bytes + data
    }

    func parsed() throws(GGUFError) -> GGUFFile {
        let bytes = bytes
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(GGUFError) in try GGUFFile(parsing: buffer, path: "x.gguf") }
        }
        return try result.get()
    }
}
