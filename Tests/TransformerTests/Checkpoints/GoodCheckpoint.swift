import Foundation
import Glibc
import TestSupport
import Testing

/// A copy of a tiny Mixtral, to be broken.
final class GoodCheckpoint {
    static let weights = "model.safetensors"
    static let index = "model.safetensors.index.json"
    private static let source = Checkpoints.fixtures.appending(path: "checkpoints/tiny-mixtral-f16")

    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["config.json", "tokenizer.json", Self.weights] {
            try FileManager.default.copyItem(
                atPath: Self.source.appending(path: name).path, toPath: path(name))
        }
    }

    func path(_ name: String) -> String { folder.path + "/" + name }

    func write(_ name: String, _ text: String) throws { _ = try folder.write(name, text) }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    /// Replaces `old` in a file by `new`; it must be there.
    func replace(_ old: String, by new: String, in name: String) throws {
        let text = try String(contentsOfFile: path(name), encoding: .utf8)
        try #require(text.contains(old))
        try write(name, text.replacing(old, with: new, maxReplacements: 1))
    }

    /// Gives a field of `config.json` another value, or takes it out.
    func configure(_ field: String, _ value: Any?) throws {
        let object = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: path("config.json"))))
        var fields = try #require(object as? [String: Any])
        fields[field] = value
        _ = try folder.write("config.json", JSONSerialization.data(withJSONObject: fields))
    }

    func tensors(_ change: (inout TensorFile) throws -> Void) throws {
        var file = try TensorFile(contentsOf: path(Self.weights))
        try change(&file)
        _ = try folder.write(Self.weights, file.bytes)
    }

    /// Writes the header anew, before the same data.
    func header(claiming length: UInt64? = nil, _ change: (inout String) throws -> Void) throws {
        let file = try TensorFile(contentsOf: path(Self.weights))
        var header = file.header
        try change(&header)
        _ = try folder.write(
            Self.weights, TensorFile.bytes(header: header, data: file.data, claiming: length))
    }

    /// Cuts a file off, or fills it up with zeros.
    func resize(_ name: String, to count: Int) throws {
        try #require(truncate(path(name), count) == 0)
    }

    func byteCount(_ name: String) throws -> Int {
        try Data(contentsOf: URL(filePath: path(name))).count
    }

    /// Moves the weights into two shards, and has `change` at the index's map.
    func shard(_ change: (inout [String: String]) throws -> Void) throws {
        let tensors = try TensorFile(contentsOf: path(Self.weights)).tensors
        try remove(Self.weights)
        var map: [String: String] = [:]
        for (name, part) in [("a.safetensors", tensors.prefix(20)), ("b.safetensors", tensors.dropFirst(20))]
        {
            _ = try folder.write(name, TensorFile(Array(part)).bytes)
            for tensor in part { map[tensor.name] = name }
        }
        try change(&map)
        _ = try folder.write(Self.index, JSONSerialization.data(withJSONObject: ["weight_map": map]))
    }
}
