public import Foundation

/// A safetensors file to be taken apart, damaged and written.
public struct TensorFile {
    public struct Tensor {
        public var name: String
        public var dtype: String
        public var shape: [Int]
        public var data: Data

        public init(name: String, dtype: String, shape: [Int], data: Data) {
            self.name = name
            self.dtype = dtype
            self.shape = shape
            self.data = data
        }
    }

    private struct Entry: Codable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    public var tensors: [Tensor]

    public init(_ tensors: [Tensor] = []) {
        self.tensors = tensors
    }

    /// Tensors in the order of their data.
    public init(contentsOf path: String) throws {
        let bytes = try Data(contentsOf: URL(filePath: path))
        let headerLength = bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var object =
            try JSONSerialization.jsonObject(with: bytes[8..<8 + headerLength]) as? [String: Any] ?? [:]
        object["__metadata__"] = nil
        let entries = try JSONDecoder().decode(
            [String: Entry].self, from: JSONSerialization.data(withJSONObject: object))
        tensors = entries.sorted { $0.value.data_offsets[0] < $1.value.data_offsets[0] }.map { name, entry in
            Tensor(
                name: name, dtype: entry.dtype, shape: entry.shape,
                data: bytes[
                    8 + headerLength + entry.data_offsets[0]..<8 + headerLength + entry.data_offsets[1]])
        }
    }

    public subscript(name: String) -> Tensor? {
        get { tensors.first { $0.name == name } }
        set {
            guard let index = tensors.firstIndex(where: { $0.name == name }) else { return }
            if let newValue { tensors[index] = newValue } else { tensors.remove(at: index) }
        }
    }

    /// The header as JSON, in the order of the data.
    public var header: String {
        var end = 0
        let entries = tensors.map { tensor in
            defer { end += tensor.data.count }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            return #""\#(tensor.name)":{"dtype":"\#(tensor.dtype)","shape":[\#(shape)],"#
                + #""data_offsets":[\#(end),\#(end + tensor.data.count)]}"#
        }
        return "{" + entries.joined(separator: ",") + "}"
    }

    public var data: Data { tensors.reduce(into: Data()) { $0 += $1.data } }

    public var bytes: Data { Self.bytes(header: header, data: data) }

    /// A file of this header, padded so that the data is aligned.
    public static func bytes(header: String, data: Data = Data(), claiming length: UInt64? = nil) -> Data {
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        let length = length ?? UInt64(padded.utf8.count)
        return Data((0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }) + Data(padded.utf8) + data
    }
}
