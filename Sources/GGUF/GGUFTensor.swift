/// A tensor of a GGUF file.
public struct GGUFTensor: Sendable, Hashable {
    /// A name's length, the number of dimensions, a type and an offset.
    static let minimumDescriptionSize = 8 + 4 + 4 + 8

    public let name: String
    /// Outermost first: a matrix is [outputs, inputs].
    ///
    /// The file has the dimensions in the opposite order.
    public let shape: [Int]
    public let type: GGUFTensorType
    /// Byte offsets in the file.
    public let bytes: Range<Int>

    public var elementCount: Int { shape.reduce(1, *) }

    /// A tensor's entry in the header.
    struct Description {
        /// As in ggml.
        private static let maximumDimensions = 4

        private let name: String
        private let shape: [Int]
        private let type: GGUFTensorType
        /// Of the tensor's first byte, from the start of the data.
        private let start: UInt64
        /// Where the entry is.
        private let offset: Int

        init(from reader: inout GGUFReader) throws(GGUFError) {
            offset = reader.offset
            let name = try reader.string("a tensor's name")
            self.name = name
            let dimensions = try reader.integer(UInt32.self, "the dimensions of tensor `\(name)`")
            guard dimensions <= Self.maximumDimensions else {
                throw GGUFError(
                    reader.path, at: offset,
                    "tensor `\(name)` has \(dimensions) dimensions; the format allows \(Self.maximumDimensions)"
                )
            }
            var shape: [Int] = []
            for _ in 0..<dimensions {
                let extent = try reader.integer(UInt64.self, "the shape of tensor `\(name)`")
                guard let extent = Int(exactly: extent), extent > 0 else {
                    throw GGUFError(reader.path, at: offset, "tensor `\(name)` has the extent \(extent)")
                }
                shape.append(extent)
            }
            self.shape = shape.reversed()
            let type = try reader.integer(UInt32.self, "the type of tensor `\(name)`")
            do throws(UnsupportedTensorType) {
                self.type = try GGUFTensorType(number: type)
            } catch {
                throw GGUFError(reader.path, at: offset, "tensor `\(name)` \(error.problem)")
            }
            start = try reader.integer(UInt64.self, "the offset of tensor `\(name)`")
        }

        /// The tensor's place in the file; `data` is the offset of the first tensor.
        func located(
            after data: Int, alignment: Int, fileSize: Int, path: String
        ) throws(GGUFError) -> GGUFTensor {
            func fault(_ problem: String) -> GGUFError {
                GGUFError(path, at: offset, "tensor `\(name)` \(problem)")
            }
            var count = 1
            for extent in shape {
                let (product, overflow) = count.multipliedReportingOverflow(by: extent)
                guard !overflow else { throw fault("has a shape too large to exist: \(shape)") }
                count = product
            }
            guard (shape.last ?? 1) % type.blockSize == 0 else {
                throw fault(
                    "has rows of \(shape.last ?? 1) elements; \(type.name) needs a multiple of \(type.blockSize)"
                )
            }
            let (size, overflow) = (count / type.blockSize).multipliedReportingOverflow(
                by: type.bytesPerBlock)
            guard !overflow else { throw fault("has a shape too large to exist: \(shape)") }
            guard start % UInt64(alignment) == 0 else {
                throw fault("starts at byte \(start) of the data, not at a multiple of \(alignment)")
            }
            let room = max(0, fileSize - data)
            guard start <= UInt64(room), size <= room - Int(start) else {
                throw fault(
                    "of \(size) bytes starts at byte \(start) of the data, but there are only \(room): "
                        + "is the file truncated?")
            }
            return GGUFTensor(
                name: name, shape: shape, type: type, bytes: data + Int(start)..<data + Int(start) + size)
        }
    }
}
