/// Writes a GGUF file, also a wrong one.
public struct GGUFBytes {
    public struct Tensor {
        public var name: String
        /// In the order of the file: innermost first.
        public var extents: [UInt64]
        public var type: UInt32
        public var offset: UInt64

        public init(name: String = "a", extents: [UInt64] = [4], type: UInt32 = 0, offset: UInt64 = 0) {
            self.name = name
            self.extents = extents
            self.type = type
            self.offset = offset
        }
    }

    public var magic: String
    public var version: UInt32
    public var tensorCount: UInt64?
    public var entryCount: UInt64?
    /// Key, number of the type, bytes of the value.
    public var entries: [(String, UInt32, [UInt8])]
    public var tensors: [Tensor]
    public var alignment: Int
    public var data: [UInt8]

    public init(
        magic: String = "GGUF", version: UInt32 = 3, tensorCount: UInt64? = nil, entryCount: UInt64? = nil,
        entries: [(String, UInt32, [UInt8])] = [], tensors: [Tensor] = [], alignment: Int = 32,
        data: [UInt8] = []
    ) {
        self.magic = magic
        self.version = version
        self.tensorCount = tensorCount
        self.entryCount = entryCount
        self.entries = entries
        self.tensors = tensors
        self.alignment = alignment
        self.data = data
    }

    public static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    public static func string(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + text.utf8 }

    /// The bytes of an array's value.
    public static func array(of type: UInt32, _ elements: [[UInt8]], count: UInt64? = nil) -> [UInt8] {
        number(type) + number(count ?? UInt64(elements.count)) + elements.joined()
    }

    public var bytes: [UInt8] {
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
}
