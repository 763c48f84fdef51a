import Foundation
import GGUF
import Numerics
import TestSupport
import Testing

@testable import Transformer

/// Contract: a GGUF file has the numbers of the Hugging Face folder that it was converted from, bit for bit.
struct GGUFWeightsTests {
    private static let quantised = GGUFFixture("llama-quantised")

    @Test(arguments: try GGUFFixture.all)
    func `every weight has the numbers of the folder, under its name there`(fixture: GGUFFixture) throws {
        let weights = try Checkpoint(at: fixture.path).weights()
        let folder = try Checkpoint(at: fixture.folder).weights()
        for tensor in try TensorFile(contentsOf: fixture.folder + "/model.safetensors").tensors {
            #expect(weights.contains(tensor.name), "\(tensor.name)")
            let (outputs, inputs) = (tensor.shape[0], tensor.shape.last ?? 0)
            if tensor.shape.count == 1 {
                let vector = try weights.vector(tensor.name, count: outputs)
                #expect(try vector == folder.vector(tensor.name, count: outputs), "\(tensor.name)")
                continue
            }
            let expected = try bits(of: folder.matrix(tensor.name, outputs: outputs, inputs: inputs))
            // A weight can be read again after it was released.
            for _ in 0..<2 {
                let matrix = try weights.matrix(tensor.name, outputs: outputs, inputs: inputs)
                withExtendedLifetime((weights, folder)) {
                    #expect(bits(of: matrix) == expected, "\(tensor.name)")
                }
                weights.release([matrix])
            }
        }
    }

    @Test func `bfloat16 is the nearest to the widened number, ties to even`() throws {
        let checkpoint = try Checkpoint(at: Self.quantised.path)
        let (wide, narrow) = (
            try checkpoint.weights(wideningTo: .float32), try checkpoint.weights(wideningTo: .bfloat16)
        )
        for name in ["model.embed_tokens.weight", "model.layers.1.self_attn.k_proj.weight"] {
            let outputs = name.contains("embed") ? 288 : 16
            let exact = try bits(of: wide.matrix(name, outputs: outputs, inputs: 32))
            let matrix = try narrow.matrix(name, outputs: outputs, inputs: 32)
            #expect(matrix.element == .bfloat16)
            withExtendedLifetime((wide, narrow)) {
                #expect(bits(of: matrix) == exact.map { ($0 + 0x7FFF + ($0 >> 16 & 1)) & 0xFFFF_0000 })
            }
        }
    }

    @Test func `a number that is not finite is named by tensor and place`() throws {
        // A scale, of the numbers 0 ... 31 of row 5; then a number of a norm.
        let embedding = try spoiled("token_embd.weight", at: 5 * 34, with: [0x00, 0x7E])
        let table = #expect(throws: CheckpointError.self) {
            try Checkpoint(at: embedding.file).weights().table(
                "model.embed_tokens.weight", outputs: 288, inputs: 32)
        }
        #expect(table?.path == embedding.file)
        #expect(table?.problem == "tensor `token_embd.weight` holds NaN or infinity at [5, 0]")
        let norm = try spoiled("output_norm.weight", at: 4 * 3, with: [0x00, 0x00, 0x80, 0x7F])
        let vector = #expect(throws: CheckpointError.self) {
            try Checkpoint(at: norm.file).weights().vector("model.norm.weight", count: 32)
        }
        #expect(vector?.problem == "tensor `output_norm.weight` holds NaN or infinity at [3]")
    }

    @Test func `a tensor that is absent or of another shape is named`() throws {
        let weights = try Checkpoint(at: Self.quantised.path).weights()
        let shape = #expect(throws: CheckpointError.self) {
            try weights.matrix("model.layers.0.mlp.up_proj.weight", outputs: 48, inputs: 32)
        }
        #expect(
            shape?.problem
                == "tensor `blk.0.ffn_up.weight` has shape [64, 32], but the metadata implies [48, 32]")
        let absent = #expect(throws: CheckpointError.self) {
            try weights.vector("model.layers.2.input_layernorm.weight", count: 32)
        }
        #expect(
            absent?.problem.hasPrefix("has no tensor `blk.2.attn_norm.weight`; the nearest of its 21") == true
        )
        // The key's value is behind its type.
        let key = Array("llama.attention.head_count".utf8)
        let place = try #require(Data(contentsOf: URL(filePath: Self.quantised.path)).range(of: Data(key)))
            .upperBound
        let heads = try spoiled(at: place + 4, with: [5])
        let odd = #expect(throws: CheckpointError.self) {
            try Checkpoint(at: heads.file).weights().matrix(
                "model.layers.0.self_attn.q_proj.weight", outputs: 32, inputs: 32)
        }
        #expect(
            odd?.problem
                == "tensor `blk.0.attn_q.weight` has 32 rows, which are not pairs for each of the heads")
    }

    /// The bits of all weights, widened.
    private func bits(of matrix: WeightMatrix) -> [UInt32] {
        var row = [Float](repeating: 0, count: matrix.inputs)
        return (0..<matrix.outputs).flatMap { output in
            matrix.widenRow(output, into: &row)
            return row.map(\.bitPattern)
        }
    }

    /// The quantised fixture with other bytes at an offset, of a tensor or of the file.
    private func spoiled(
        _ tensor: String? = nil, at offset: Int, with bytes: [UInt8]
    ) throws -> (folder: TemporaryFolder, file: String) {
        let parts = try GGUFParts(contentsOf: Self.quantised.path)
        let start = try tensor.map { try #require(parts.tensors[$0]).header.bytes.lowerBound } ?? 0
        var file = Array(parts.files[0].bytes)
        file.replaceSubrange(start + offset..<start + offset + bytes.count, with: bytes)
        let folder = try TemporaryFolder()
        return (folder, try folder.write("model.gguf", file))
    }
}
