import Foundation
import Numerics
import TestSupport
import Testing
import Transformer

struct SafetensorsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A file of this header and so many bytes of data, counting up from 0.
    private func file(_ header: String, dataBytes: Int = 0, claiming length: UInt64? = nil) -> [UInt8] {
        let length = length ?? UInt64(header.utf8.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + header.utf8
            + (0..<dataBytes).map { UInt8(truncatingIfNeeded: $0) }
    }

    private func open(_ bytes: [UInt8]) throws -> Safetensors {
        try Safetensors(contentsOf: folder.write("model.safetensors", bytes))
    }

    /// The header of one tensor, `t`.
    private func header(_ dtype: String, _ shape: String, _ offsets: String) -> String {
        #"{"t":{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    private func sparse() throws -> Safetensors {
        try Safetensors(
            contentsOf: Checkpoints.fixtures.appending(path: "checkpoints/tiny-switch/model.safetensors").path
        )
    }

    @Test func `a sparse checkpoint reads as torch reads it`() throws {
        let file = try sparse()
        let norm = try file.vector("model.norm.weight", count: 64)
        #expect(norm.prefix(4) == [0.7109375, 1.4921875, 1.4453125, 1.28125])
        let name = "model.layers.1.mlp.experts.5.down_proj.weight"
        let matrix = try file.matrix(name, outputs: 64, inputs: 40)
        #expect(matrix.element == .bfloat16 && matrix.outputs == 64 && matrix.inputs == 40)
        let row = (0..<3).map { column in
            Float(
                bitPattern: UInt32(matrix.base.load(fromByteOffset: 2 * (3 * 40 + column), as: UInt16.self))
                    << 16)
        }
        #expect(row == [0.1494140625, 0.18359375, 0.06982421875])
        #expect(file.contains(name) && !file.contains("__metadata__"))
    }

    @Test func `each weight type is widened to Float exactly`() throws {
        let header = """
            {"__metadata__":{"format":"pt","n":"1"},
            "f32":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
            "bf16":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]},
            "f16":{"dtype":"F16","shape":[4],"data_offsets":[12,20]},
            "i64":{"dtype":"I64","shape":[1],"data_offsets":[20,28]},
            "new":{"dtype":"F4","shape":[3],"data_offsets":[28,30]}}
            """
        let words: [UInt16] = [
            0, 0x3FC0, 0, 0xC000,  // 1.5, -2 as F32
            0x3FC0, 0x0001,  // 1.5 and the least subnormal as BF16
            0x3E00, 0x8000, 0x7BFF, 0x0001,  // 1.5, -0, the greatest and the least as F16
            0, 0, 0, 0, 0,
        ]
        let bytes = words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let tensors = try open(file(header) + bytes)
        #expect(try tensors.vector("f32", count: 2) == [1.5, -2])
        #expect(try tensors.vector("bf16", count: 2) == [1.5, 0x1p-133])
        #expect(try tensors.vector("f16", count: 4) == [1.5, -0.0, 65504, 0x1p-24])
        for (name, count) in [("i64", 1), ("new", 3)] {
            #expect(tensors.contains(name))
            let error = #expect(throws: CheckpointError.self) { try tensors.vector(name, count: count) }
            #expect(error?.problem.hasSuffix("weights can be F32, BF16 or F16") == true)
        }
    }

    @Test func `a missing tensor and a wrong shape are named`() throws {
        let tensors = try sparse()
        let missing = #expect(throws: CheckpointError.self) {
            try tensors.matrix("model.layers.0.block_sparse_moe.gate.weight", outputs: 6, inputs: 64)
        }
        #expect(
            missing?.problem
                == "has no tensor `model.layers.0.block_sparse_moe.gate.weight`; "
                + "the nearest of its 57 names is `model.layers.0.mlp.gate.weight`")
        let shape = #expect(throws: CheckpointError.self) {
            try tensors.vector("model.norm.weight", count: 65)
        }
        #expect(shape?.problem == "tensor `model.norm.weight` has shape [64], but config.json implies [65]")
        let rank = #expect(throws: CheckpointError.self) {
            try tensors.matrix("model.norm.weight", outputs: 1, inputs: 64)
        }
        #expect(
            rank?.problem == "tensor `model.norm.weight` has shape [64], but config.json implies [1, 64]")
        let empty = #expect(throws: CheckpointError.self) { try open(file("{}")).vector("w", count: 1) }
        #expect(empty?.problem == "has no tensor `w`: it holds none")
    }

    @Test func `a matrix off its alignment is refused, a vector is not`() throws {
        for (dtype, size) in [("F32", 4), ("BF16", 2), ("F16", 2)] {
            let even = header(dtype, "[1,2]", "[0,\(2 * size)]")
            let odd = even + (even.utf8.count % 2 == 0 ? " " : "")
            let error = #expect(throws: CheckpointError.self) {
                try open(file(odd, dataBytes: 2 * size)).matrix("t", outputs: 1, inputs: 2)
            }
            #expect(error?.problem.contains("not at a multiple of \(size)") == true)
            let row = try open(file(odd.replacing("[1,2]", with: "[2]") + "  ", dataBytes: 2 * size))
            #expect(try row.vector("t", count: 2).count == 2)
        }
    }

    @Test func `the memory of a matrix outlives the file's name`() throws {
        var header = header("F32", "[1,2]", "[0,8]")
        header += String(repeating: " ", count: 7 - (header.utf8.count + 7) % 8)
        let tensors = try open(file(header, dataBytes: 8))
        try FileManager.default.removeItem(atPath: folder.path + "/model.safetensors")
        let matrix = try tensors.matrix("t", outputs: 1, inputs: 2)
        withExtendedLifetime(tensors) {
            #expect(matrix.base.load(as: UInt32.self) == 0x0302_0100)
        }
    }

    @Test(arguments: [
        ("F32", "[2]", "[0,7]", "tensor `t` of shape [2] and type F32 does not fill its 7 bytes exactly"),
        ("F32", "[2]", "[0,12]", "tensor `t` ends at byte 12 of the data, but there are only 8"),
        ("F32", "[2]", "[8,0]", ": expected [begin, end] with begin ≤ end"),
        ("F32", "[2]", "[-8,0]", ": expected [begin, end] with begin ≤ end"),
        ("F32", "[2]", "[0]", ": expected [begin, end] with begin ≤ end"),
        ("F32", "[2]", "[0,9223372036854775807]", "there are only 8: is the file truncated?"),
        ("F32", "[-2]", "[0,8]", "tensor `t` has a negative extent"),
        ("F32", "[4294967296,4294967296]", "[0,8]", "tensor `t` has a shape too large to exist"),
        ("F32", "[9223372036854775807]", "[0,8]", "tensor `t` has a shape too large to exist"),
        ("F32", "[0,9223372036854775807,9]", "[0,8]", "does not fill its 8 bytes exactly"),
        ("F32", "[99999999999999999999]", "[0,8]", "a number that does not fit"),
        ("F32", "[1.5]", "[0,8]", "a number that does not fit"),
        ("F32", "\"2\"", "[0,8]", "`t.shape`"),
        ("F32", "[2]", "null", "`t.data_offsets`"),
    ])
    func `a tensor that lies about its place is refused`(
        dtype: String, shape: String, offsets: String, wanted: String
    ) throws {
        let error = #expect(throws: CheckpointError.self) {
            try open(file(header(dtype, shape, offsets), dataBytes: 8))
        }
        #expect(error?.problem.contains(wanted) == true, "\(error?.problem ?? "")")
    }

    @Test(
        arguments: [
            ([5], [0, 5], [4], [4, 8], "tensors `a` and `b` overlap"),
            ([2], [0, 2], [4], [4, 8], "has 2 bytes before tensor `b` that no tensor owns"),
            ([4], [4, 8], [2], [2, 4], "has 2 bytes before tensor `b` that no tensor owns"),
            ([4], [0, 4], [2], [4, 6], "has 2 bytes behind its last tensor; the format allows none"),
            ([8], [0, 8], [0], [3, 3], "tensors `a` and `b` overlap"),
            ([8], [0, 8], [0], [8, 8], nil), ([0], [0, 0], [8], [0, 8], nil),
            ([4], [4, 8], [4], [0, 4], nil),
        ] as [([Int], [Int], [Int], [Int], String?)])
    func `tensors fill a file in any order, without holes`(
        shapeA: [Int], a: [Int], shapeB: [Int], b: [Int], problem: String?
    ) throws {
        let bytes = file(
            #"{"a":{"dtype":"U8","shape":\#(shapeA),"data_offsets":\#(a)},"#
                + #""b":{"dtype":"U8","shape":\#(shapeB),"data_offsets":\#(b)}}"#, dataBytes: 8)
        guard let problem else { return _ = try open(bytes) }
        let error = #expect(throws: CheckpointError.self) { try open(bytes) }
        #expect(error?.problem == problem)
    }

    @Test(
        arguments: [
            ([], "is empty"),
            ([1, 2, 3], "has only 3 bytes: not a safetensors file"),
            ([0, 0, 0, 0, 0, 0, 0, 0], "is not valid JSON"),
            ([255, 255, 255, 255, 255, 255, 255, 255], "over the format's limit of 100000000"),
            ([1, 225, 245, 5, 0, 0, 0, 0], "claims a header of 100000001 bytes, over"),
            ([0, 225, 245, 5, 0, 0, 0, 0], "claims a header of 100000000 bytes but has only 8"),
            ([2, 0, 0, 0, 0, 0, 0, 0, 0x7B], "claims a header of 2 bytes but has only 9"),
            ([1, 0, 0, 0, 0, 0, 0, 0, 0x7B], "is not valid JSON"),
            ([2, 0, 0, 0, 0, 0, 0, 0, 0x5B, 0x5D], "the top level"),
            ([2, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFE], "is not valid JSON"),
        ] as [([UInt8], String)])
    func `a file that is no safetensors file gets one clear error`(bytes: [UInt8], wanted: String) throws {
        let error = #expect(throws: CheckpointError.self) { try open(bytes) }
        #expect(error?.problem.contains(wanted) == true, "\(error?.problem ?? "")")
    }

    @Test func `a folder, a missing file and a deep header are errors, not crashes`() {
        #expect(throws: CheckpointError(folder.path, "is not a regular file")) {
            try Safetensors(contentsOf: folder.path)
        }
        #expect(throws: CheckpointError("nowhere", "cannot be opened: No such file or directory")) {
            try Safetensors(contentsOf: "nowhere")
        }
        let deep = #expect(throws: CheckpointError.self) {
            try open(file(String(repeating: #"{"a":"#, count: 50_000)))
        }
        #expect(deep?.problem.hasPrefix("is not valid JSON") == true, "\(deep?.problem ?? "")")
    }

    @Test func `a damaged or truncated file never crashes`() throws {
        let good = file(
            """
            {"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}
            """, dataBytes: 32)
        let damaged = (0..<good.count - 32).flatMap { place in
            ([0x00, 0x22, 0x2D, 0x39, 0x7D, 0xFF] as [UInt8]).map { byte in
                var bad = good
                bad[place] = byte
                return bad
            }
        }
        for bytes in damaged + good.indices.map({ Array(good[..<$0]) }) {
            let path = try folder.write("model.safetensors", bytes)
            do throws(CheckpointError) {
                let tensors = try Safetensors(contentsOf: path)
                _ = try tensors.vector("b", count: 4)
                _ = try tensors.matrix("a", outputs: 2, inputs: 3)
            } catch {
                #expect(error.path == path && !error.problem.isEmpty)
            }
        }
    }
}
