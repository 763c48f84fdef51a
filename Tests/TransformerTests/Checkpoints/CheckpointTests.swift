import Foundation
import Numerics
import TestSupport
import Testing
import Transformer

struct CheckpointTests {
    private static let whole = TokenizerFixtures.url("checkpoints/tiny-mixtral-f32").path
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["config.json", "tokenizer.json"] {
            try FileManager.default.copyItem(
                atPath: Self.whole + "/" + name, toPath: folder.path + "/" + name)
        }
    }

    /// Writes the tiny Mixtral in `count` shards and an index, and returns the index's `weight_map`.
    private func shard(into count: Int) throws -> [String: String] {
        let tensors = try TensorFile(contentsOf: Self.whole + "/model.safetensors").tensors
        var map: [String: String] = [:]
        for number in 0..<count {
            let part = tensors[number * tensors.count / count..<(number + 1) * tensors.count / count]
            let name = "model-0000\(number + 1)-of-0000\(count).safetensors"
            _ = try folder.write(name, TensorFile(Array(part)).bytes)
            for tensor in part { map[tensor.name] = name }
        }
        try index(map)
        return map
    }

    private func index(_ map: [String: String]) throws {
        let object: [String: Any] = ["metadata": ["total_size": 1], "weight_map": map]
        _ = try folder.write(
            "model.safetensors.index.json", JSONSerialization.data(withJSONObject: object))
    }

    private func refusal() -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try SafetensorsWeights(folder: folder.path) }
    }

    @Test(arguments: [1, 2, 5]) func `shards read as one file does`(count: Int) throws {
        _ = try shard(into: count)
        let checkpoint = try SafetensorsWeights(folder: folder.path)
        let whole = try Safetensors(contentsOf: Self.whole + "/model.safetensors")
        for tensor in try TensorFile(contentsOf: Self.whole + "/model.safetensors").tensors {
            #expect(checkpoint.contains(tensor.name))
            if tensor.shape.count == 1 {
                let vector = try checkpoint.vector(tensor.name, count: tensor.shape[0])
                #expect(try vector == whole.vector(tensor.name, count: tensor.shape[0]))
            } else {
                let matrix = try checkpoint.matrix(
                    tensor.name, outputs: tensor.shape[0], inputs: tensor.shape[1])
                withExtendedLifetime(checkpoint) {
                    #expect(Data(bytes: matrix.base, count: tensor.data.count) == tensor.data)
                }
            }
        }
        let model = try Model(checkpoint: folder.path)
        #expect(try model.parameterCount == Model(checkpoint: Self.whole).parameterCount)
    }

    @Test func `the fingerprint changes with any shard, and not with where tensors are`() throws {
        let map = try shard(into: 2)
        let before = try Model(checkpoint: folder.path).fingerprint
        #expect(try Model(checkpoint: Self.whole).fingerprint == before)
        let name = try #require(map["model.norm.weight"])
        var file = try TensorFile(contentsOf: folder.path + "/" + name)
        for index in file.tensors.indices {
            file.tensors[index].data = Data(count: file.tensors[index].data.count)
        }
        _ = try folder.write(name, file.bytes)
        #expect(try Model(checkpoint: folder.path).fingerprint != before)
    }

    @Test func `a single file goes before an index, as in transformers`() throws {
        try FileManager.default.copyItem(
            atPath: Self.whole + "/model.safetensors", toPath: folder.path + "/model.safetensors")
        try index(["model.norm.weight": "nowhere.safetensors"])
        #expect(try SafetensorsWeights(folder: folder.path).contains("lm_head.weight"))
    }

    @Test func `a tensor that no shard has is missed in the index`() throws {
        let map = try shard(into: 2)
        let error = #expect(throws: CheckpointError.self) {
            try SafetensorsWeights(folder: folder.path).vector("model.norm.wait", count: 1)
        }
        #expect(error?.path == folder.path + "/model.safetensors.index.json")
        #expect(
            error?.problem
                == "has no tensor `model.norm.wait`; the nearest of its \(map.count) names is `model.norm.weight`"
        )
    }

    @Test(arguments: ["../model.safetensors", "/etc/passwd", "a/b.safetensors", "..", ".", "", "a\0b"])
    func `an index cannot name a file outside its folder`(name: String) throws {
        try index(["model.norm.weight": name])
        let error = refusal()
        #expect(error?.path == folder.path + "/model.safetensors.index.json")
        #expect(error?.problem.contains("shards lie in the folder of their index") == true)
    }

    @Test func `a shard that is missing, short of a tensor or has another's is named`() throws {
        let map = try shard(into: 2)
        let (first, second) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
        try index(map.merging(["model.extra.weight": second]) { $1 })
        var error = refusal()
        #expect(error?.path == folder.path + "/" + second)
        #expect(error?.problem.hasPrefix("has no tensor `model.extra.weight`, though") == true)

        try index(map)
        var file = try TensorFile(contentsOf: folder.path + "/" + second)
        let twin = try #require(TensorFile(contentsOf: folder.path + "/" + first).tensors.first)
        file.tensors.append(twin)
        _ = try folder.write(second, file.bytes)
        error = refusal()
        #expect(error?.path == folder.path + "/" + second)
        #expect(
            error?.problem.hasPrefix("has tensor `\(twin.name)`, and so does \(folder.path)/\(first)") == true
        )

        try FileManager.default.removeItem(atPath: folder.path + "/" + second)
        error = refusal()
        #expect(
            error
                == CheckpointError(folder.path + "/" + second, "cannot be opened: No such file or directory"))
    }

    @Test(
        arguments: [
            ("", "is empty"), ("{", "is not valid JSON"), ("{}", "`weight_map` is missing"),
            (#"{"weight_map":{}}"#, "`weight_map` is empty"), (#"{"weight_map":[]}"#, "`weight_map`"),
            (#"{"weight_map":{"a":1}}"#, "`weight_map.a`"),
        ])
    func `an index that cannot be read is named`(text: String, wanted: String) throws {
        _ = try folder.write("model.safetensors.index.json", text)
        let error = refusal()
        #expect(error?.path == folder.path + "/model.safetensors.index.json")
        #expect(error?.problem.hasPrefix(wanted) == true, "\(error?.problem ?? "")")
    }

    @Test func `a folder without safetensors says what to do`() throws {
        #expect(refusal()?.problem.contains("has neither model.safetensors nor") == true)
        for name in ["pytorch_model.bin.index.json", "pytorch_model.bin"] {
            _ = try folder.write(name, "{}")
            let error = refusal()
            #expect(error?.path == folder.path + "/pytorch_model.bin")
            #expect(error?.problem.contains("To convert it: python -c") == true)
            try FileManager.default.removeItem(atPath: folder.path + "/" + name)
        }
    }

    @Test func `a link that leads nowhere is not a missing file`() throws {
        _ = try shard(into: 1)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/model.safetensors", withDestinationPath: "blobs/nowhere")
        #expect(refusal()?.problem == "cannot be opened: No such file or directory")
    }
}
