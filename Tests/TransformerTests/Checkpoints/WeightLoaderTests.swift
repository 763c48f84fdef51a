import Foundation
import Numerics
import TestSupport
import Testing
import Threads

@testable import Transformer

/// Contract: what cannot be packed is named by file, tensor and place, and what weights became is in the fingerprint.
struct WeightLoaderTests {
    private static let source = Checkpoints.fixtures.appending(path: "checkpoints/tiny-mixtral-f32")

    /// A copy of a checkpoint of floats in which one weight, of row 1 and column 2, is another.
    private func copy(with bits: UInt32, in tensor: String) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["config.json", "tokenizer.json"] {
            _ = try folder.write(name, Data(contentsOf: Self.source.appending(path: name)))
        }
        let path = Self.source.appending(path: "model.safetensors").path
        let file = try MappedFile(path: path)
        let start = try #require(try SafetensorsHeader(of: file).tensors[tensor])
        var bytes = Array(file.bytes)
        let place = start.bytes.lowerBound + 4 * (start.shape[1] + 2)
        withUnsafeBytes(of: bits.littleEndian) { bytes.replaceSubrange(place..<place + 4, with: $0) }
        _ = try folder.write("model.safetensors", bytes)
        return folder
    }

    @Test(arguments: [
        "model.layers.0.self_attn.k_proj.weight", "model.layers.1.block_sparse_moe.gate.weight",
        "model.layers.1.block_sparse_moe.experts.2.w1.weight",
        "model.layers.0.block_sparse_moe.experts.3.w3.weight",
        "model.layers.0.block_sparse_moe.experts.0.w2.weight", "lm_head.weight",
        "model.embed_tokens.weight",
    ])
    func `a weight that is NaN or infinite is named`(tensor: String) throws {
        let folder = try copy(with: Float.nan.bitPattern, in: tensor)
        for type in [WeightType.auto, .int8, .float16] {
            let error = #expect(throws: CheckpointError.self) {
                try Model(checkpoint: folder.path, weightType: type, workers: WorkerPool(threadCount: 2))
            }
            #expect(error?.path == folder.path + "/model.safetensors")
            #expect(error?.problem == "tensor `\(tensor)` holds NaN or infinity at [1, 2]")
        }
    }

    @Test func `a weight too large for float16 is named, and fits the other types`() throws {
        let tensor = "model.layers.0.block_sparse_moe.experts.0.w2.weight"
        let folder = try copy(with: Float(1e6).bitPattern, in: tensor)
        let error = #expect(throws: CheckpointError.self) {
            try Model(checkpoint: folder.path, weightType: .float16)
        }
        #expect(
            error?.problem == "tensor `\(tensor)` holds 1000000.0 at [1, 2], which is too large for float16")
        for type in [WeightType.auto, .float32, .bfloat16, .int8] {
            _ = try Model(checkpoint: folder.path, weightType: type)
        }
    }

    @Test func `a router stays as it is stored`() throws {
        let router = "model.layers.0.block_sparse_moe.gate.weight"
        // Not to be had in float16, but nobody rounds it.
        let folder = try copy(with: Float(1e6).bitPattern, in: router)
        _ = try Model(checkpoint: folder.path, weightType: .float16)
    }

    @Test func `the fingerprint changes with any bit of any weight`() throws {
        let folder = try TemporaryFolder()
        for name in ["config.json", "tokenizer.json"] {
            _ = try folder.write(name, Data(contentsOf: Self.source.appending(path: name)))
        }
        let path = Self.source.appending(path: "model.safetensors").path
        let original = try Data(contentsOf: URL(filePath: path))
        let header = try SafetensorsHeader(of: MappedFile(path: path))
        func fingerprint(_ bytes: Data, threads: Int = 1) throws -> String {
            _ = try folder.write("model.safetensors", bytes)
            return try Model(checkpoint: folder.path, workers: WorkerPool(threadCount: threads)).fingerprint
        }
        var seen = [try fingerprint(original)]
        #expect(try fingerprint(original, threads: 2) == seen[0])
        for tensor in header.tensors.values {
            var bytes = original
            bytes[Int.random(in: tensor.bytes)] ^= 1
            seen.append(try fingerprint(bytes))
        }
        // Signs of two weights in the same lane of the hash.
        let largest = try #require(header.tensors.values.max { $0.bytes.count < $1.bytes.count }).bytes
        for distance in [64, 128, 4_096] {
            var bytes = original
            for place in [largest.lowerBound + 7, largest.lowerBound + 7 + distance] { bytes[place] ^= 0x80 }
            seen.append(try fingerprint(bytes))
        }
        #expect(Set(seen).count == header.tensors.count + 4)
    }

    @Test func `the fingerprint tells what weights became`() throws {
        let fingerprints = try WeightType.allCases.map {
            try Model(checkpoint: Self.source.path, weightType: $0).fingerprint
        }
        #expect(Set(fingerprints).count == WeightType.allCases.count)
    }
}
