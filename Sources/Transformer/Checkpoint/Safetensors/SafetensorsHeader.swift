import JSON

/// The header of a safetensors file: the place of each tensor, checked against the file's size.
///
/// As in the format's own reader, tensors must fill the file to its end, without holes.
struct SafetensorsHeader {
    struct Tensor {
        /// The element type as written in the file (`F32`, `BF16`, `I64` …).
        let dtype: String
        let shape: [Int]
        /// Byte offsets in the file.
        let bytes: Range<Int>

        var elementCount: Int { shape.reduce(1, *) }
    }

    let tensors: [String: Tensor]

    /// Layout: an 8-byte little-endian length, that many bytes of JSON, then the tensors' bytes.
    init(of file: MappedFile) throws(CheckpointError) {
        let prefix = 8
        guard file.bytes.count >= prefix else {
            throw CheckpointError(file.path, "has only \(file.bytes.count) bytes: not a safetensors file")
        }
        let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        guard length <= maximumJSONBytes else {
            throw CheckpointError(
                file.path,
                "claims a header of \(length) bytes, over the format's limit of \(maximumJSONBytes): "
                    + "not a safetensors file")
        }
        let start = prefix + Int(length)
        guard start <= file.bytes.count else {
            throw CheckpointError(
                file.path,
                "claims a header of \(length) bytes but has only \(file.bytes.count): is it truncated?")
        }
        let entries = try file.decodeJSON(Entries.self, in: prefix..<start).byName
        var tensors: [String: Tensor] = [:]
        tensors.reserveCapacity(entries.count)
        for (name, entry) in entries {
            do {
                tensors[name] = try entry.located(after: start, fileSize: file.bytes.count)
            } catch {
                throw CheckpointError(file.path, "tensor `\(name)` \(error.description)")
            }
        }
        try Self.checkFilling(start..<file.bytes.count, tensors, in: file.path)
        self.tensors = tensors
    }

    private static func checkFilling(
        _ data: Range<Int>, _ tensors: [String: Tensor], in path: String
    ) throws(CheckpointError) {
        let inOrder = tensors.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
        }
        var end = data.lowerBound
        var former = ""
        for (name, tensor) in inOrder {
            guard tensor.bytes.lowerBound >= end else {
                throw CheckpointError(path, "tensors `\(former)` and `\(name)` overlap")
            }
            guard tensor.bytes.lowerBound == end else {
                throw CheckpointError(
                    path,
                    "has \(tensor.bytes.lowerBound - end) bytes before tensor `\(name)` that no tensor owns")
            }
            end = tensor.bytes.upperBound
            former = name
        }
        guard end == data.upperBound else {
            throw CheckpointError(
                path, "has \(data.upperBound - end) bytes behind its last tensor; the format allows none")
        }
    }
}

/// The header's JSON object, without `__metadata__`.
private struct Entries: Decodable {
    let byName: [String: Entry]

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: MemberName.self)
        var byName: [String: Entry] = [:]
        for name in object.allKeys where name.stringValue != "__metadata__" {
            byName[name.stringValue] = try object.decode(Entry.self, forKey: name)
        }
        self.byName = byName
    }
}

private struct Entry: Decodable {
    /// What is wrong with an entry; follows the tensor's name in messages.
    struct Fault: Error {
        let description: String
    }

    private enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
    }

    /// Bytes per element of the format's types.
    ///
    /// Tensors of other types are listed, but their size is not checked.
    private static let elementSizes = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
        "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
    ]

    let dtype: String
    let shape: [Int]
    /// Begin and end, relative to the first byte after the header.
    let offsets: [Int]

    func located(after start: Int, fileSize: Int) throws(Fault) -> SafetensorsHeader.Tensor {
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
            throw Fault(description: "has data_offsets \(offsets): expected [begin, end] with begin ≤ end")
        }
        guard offsets[1] <= fileSize - start else {
            throw Fault(
                description:
                    "ends at byte \(offsets[1]) of the data, but there are only \(fileSize - start): "
                    + "is the file truncated?")
        }
        let length = offsets[1] - offsets[0]
        let size = Self.elementSizes[dtype]
        let needed = try byteCount(elementSize: size ?? 1)
        // Elements of an unknown type have at least one bit.
        guard size == nil ? needed / 8 <= length : needed == length else {
            throw Fault(
                description: "of shape \(shape) and type \(dtype) does not fill its \(length) bytes exactly")
        }
        return SafetensorsHeader.Tensor(
            dtype: dtype, shape: shape, bytes: start + offsets[0]..<start + offsets[1])
    }

    private func byteCount(elementSize: Int) throws(Fault) -> Int {
        var count = elementSize
        for extent in shape {
            guard extent >= 0 else { throw Fault(description: "has a negative extent in its shape \(shape)") }
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw Fault(description: "has a shape too large to exist: \(shape)") }
            count = product
        }
        return count
    }
}
