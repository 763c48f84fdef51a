/// The header of a GGUF file: metadata, and the place of each tensor.
///
/// Everything is checked before it is used: lengths and counts against the size of the file, so that a hostile file
/// cannot make this allocate more than a small multiple of its own size; tensors against the file and each other. No
/// tensor's content is read.
///
/// Layout: magic, version, counts, metadata, tensor descriptions, padding, tensors. Source: docs/gguf.md of ggml
/// (<https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>).
public struct GGUFFile: Sendable {
    /// The first four bytes of every GGUF file.
    public static let magic: [UInt8] = Array("GGUF".utf8)

    public let path: String
    /// 2 or 3; they differ only in byte order rules.
    public let version: Int
    public let metadata: GGUFMetadata
    /// In the order of the file.
    public let tensors: [GGUFTensor]

    /// Parses the header of the file at `path`, whose contents are `bytes`.
    ///
    /// - Throws: `GGUFError` with the byte offset of the fault.
    public init(parsing bytes: UnsafeRawBufferPointer, path: String) throws(GGUFError) {
        var reader = GGUFReader(bytes, path: path)
        self.path = path
        version = try Self.version(&reader)
        let tensorCount = try reader.count("tensors", minimumSize: GGUFTensor.minimumDescriptionSize)
        let entryCount = try reader.count("metadata entries", minimumSize: GGUFMetadata.minimumEntrySize)
        metadata = try GGUFMetadata(count: entryCount, from: &reader)
        var descriptions: [GGUFTensor.Description] = []
        descriptions.reserveCapacity(tensorCount)
        for _ in 0..<tensorCount { descriptions.append(try GGUFTensor.Description(from: &reader)) }
        let alignment = try Self.alignment(metadata)
        // A file without tensors may end without padding.
        let start = reader.offset + (alignment - reader.offset % alignment) % alignment
        var tensors: [GGUFTensor] = []
        tensors.reserveCapacity(tensorCount)
        for description in descriptions {
            tensors.append(
                try description.located(after: start, alignment: alignment, fileSize: bytes.count, path: path)
            )
        }
        try Self.checkApart(tensors, path: path)
        self.tensors = tensors
    }

    private static func version(_ reader: inout GGUFReader) throws(GGUFError) -> Int {
        guard try reader.bytes(magic.count, "the magic bytes").elementsEqual(magic) else {
            throw GGUFError(reader.path, at: 0, "does not begin with GGUF: it is not a GGUF file")
        }
        let version = try reader.integer(UInt32.self, "the version")
        switch version {
        case 2, 3: return Int(version)
        case 1:
            throw GGUFError(
                reader.path, at: 4,
                "is GGUF version 1 of August 2023; convert the model again with a current llama.cpp")
        case let other where (2...3).contains(other.byteSwapped):
            throw GGUFError(
                reader.path, at: 4, "is a big-endian GGUF file; only little-endian files are supported")
        default:
            throw GGUFError(reader.path, at: 4, "has GGUF version \(version); versions 2 and 3 are supported")
        }
    }

    private static func alignment(_ metadata: GGUFMetadata) throws(GGUFError) -> Int {
        let key = "general.alignment"
        let alignment = try metadata.integer(key) ?? 32
        guard (8...65_536).contains(alignment), alignment & (alignment - 1) == 0 else {
            throw metadata.error(key, "is \(alignment); it must be a power of two from 8 to 65536")
        }
        return alignment
    }

    /// Throws if two tensors share a name or bytes.
    private static func checkApart(_ tensors: [GGUFTensor], path: String) throws(GGUFError) {
        var names: Set<String> = []
        names.reserveCapacity(tensors.count)
        for tensor in tensors where !names.insert(tensor.name).inserted {
            throw GGUFError(path, at: tensor.bytes.lowerBound, "has two tensors `\(tensor.name)`")
        }
        let inOrder = tensors.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        for (former, next) in zip(inOrder, inOrder.dropFirst())
        where next.bytes.lowerBound < former.bytes.upperBound {
            throw GGUFError(
                path, at: next.bytes.lowerBound, "tensors `\(former.name)` and `\(next.name)` overlap")
        }
    }
}
