import Foundation
import TestSupport
import Testing

@testable import Transformer

struct GGUFPartsTests {
    private static let names = (1...3).map { "llama-0000\($0)-of-00003" }
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Copies parts of the fixture, by their numbers, as other parts.
    private func copy(_ parts: [(from: Int, to: Int)]) throws {
        for (from, to) in parts {
            try FileManager.default.copyItem(
                atPath: GGUFFixture(Self.names[from - 1]).path, toPath: path(to))
        }
    }

    private func path(_ part: Int) -> String { folder.path + "/" + Self.names[part - 1] + ".gguf" }

    private func refusal(of path: String) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try Checkpoint(at: path) }
    }

    @Test func `all parts together have the tensors of the whole`() throws {
        let parts = try GGUFParts(contentsOf: GGUFFixture(Self.names[0]).path)
        let whole = try GGUFParts(contentsOf: GGUFFixture("llama").path)
        #expect(parts.files.count == 3)
        #expect(Set(parts.tensors.keys) == Set(whole.tensors.keys))
    }

    @Test func `a missing part is named`() throws {
        try copy([(1, 1), (3, 3)])
        let error = refusal(of: path(1))
        #expect(error?.description == "\(path(2)): is missing; \(path(1)) is the first of 3 parts")
    }

    @Test func `the first part is asked for`() throws {
        try copy([(1, 1), (2, 2), (3, 3)])
        let error = refusal(of: path(2))
        #expect(
            error?.problem
                == "is a part of a model in 3 files; name the first, which ends with -00001-of-00003.gguf")
    }

    @Test func `a part under another name is refused`() throws {
        try copy([(1, 1), (2, 2), (2, 3)])
        #expect(refusal(of: path(1))?.problem.contains(", and so does \(path(2)): which is meant?") == true)
        let renamed = folder.path + "/model.gguf"
        try FileManager.default.moveItem(atPath: path(1), toPath: renamed)
        #expect(refusal(of: renamed)?.problem.contains("name the first") == true)
    }

    @Test func `a file is known by its first bytes, whatever its name`() throws {
        let path = folder.path + "/sha256-0123"
        try FileManager.default.copyItem(atPath: GGUFFixture("qwen2").path, toPath: path)
        let checkpoint = try Checkpoint(at: path)
        #expect(checkpoint.declaredName == "Qwen2")
        #expect(try checkpoint.weights().contains("model.layers.1.self_attn.q_proj.bias"))
    }

    @Test func `a malformed header is refused with its byte`() throws {
        let path = try folder.write("model.gguf", Array("GGUF".utf8) + [9, 0, 0, 0])
        let error = refusal(of: path)
        #expect(error?.description == "\(path): byte 4: has GGUF version 9; versions 2 and 3 are supported")
    }

    @Test func `a header that claims most of a huge file is refused`() throws {
        // An array of 2^33 bytes would become 2^36 bytes of integers.
        let key = Array("a".utf8)
        let header =
            Array("GGUF".utf8) + bytes(3, 4) + bytes(0, 8) + bytes(1, 8) + bytes(key.count, 8) + key
            + bytes(9, 4)
            + bytes(0, 4) + bytes(1 << 33, 8)
        let path = try folder.write("model.gguf", header)
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.truncate(atOffset: 1 << 34)
        try file.close()
        let problem = refusal(of: path)?.problem
        #expect(problem?.hasPrefix("byte 41: claims 8589934592 elements of `a`, but only") == true)
        #expect(problem?.hasSuffix(": a header can have 100000000 bytes") == true)
    }

    private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
