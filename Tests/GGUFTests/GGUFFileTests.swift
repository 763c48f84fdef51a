import GGUF
import TestSupport
import Testing

struct GGUFFileTests {
    @Test(arguments: [2, 3] as [UInt32])
    func `versions 2 and 3 give metadata and tensors`(version: UInt32) throws {
        var file = GGUFBytes(version: version)
        file.entries = [
            ("a.byte", 0, [200]), ("a.signed", 5, GGUFBytes.number(Int32(-7))),
            ("a.float", 6, GGUFBytes.number(Float(1.5).bitPattern)), ("a.flag", 7, [1]),
            ("a.text", 8, GGUFBytes.string("naïve")),
            ("a.texts", 9, GGUFBytes.array(of: 8, [GGUFBytes.string("x"), GGUFBytes.string("")])),
            ("a.numbers", 9, GGUFBytes.array(of: 4, [GGUFBytes.number(UInt32.max)])),
            ("a.large", 10, GGUFBytes.number(UInt64.max)),
            ("a.double", 12, GGUFBytes.number((-0.25).bitPattern)),
        ]
        file.tensors = [
            GGUFBytes.Tensor(name: "m", extents: [2, 3], type: 1, offset: 0),
            GGUFBytes.Tensor(name: "v", extents: [32], type: 8, offset: 32),
        ]
        file.data = [UInt8](repeating: 0, count: 32 + 34)
        let parsed = try file.parsed()
        let metadata = parsed.metadata
        #expect(parsed.version == Int(version))
        #expect(try metadata.integer("a.byte") == 200 && metadata.integer("a.signed") == -7)
        #expect(try metadata.number("a.float") == 1.5 && metadata.number("a.double") == -0.25)
        #expect(try metadata.bool("a.flag") == true && metadata.string("a.text") == "naïve")
        #expect(try metadata.strings("a.texts") == ["x", ""])
        #expect(try metadata.integers("a.numbers") == [Int64(UInt32.max)])
        #expect(metadata["a.large"] == .unsigned(.max))
        #expect(try metadata.string("a.missing") == nil)
        #expect(throws: GGUFError.self) { try metadata.integer("a.large") }
        #expect(throws: GGUFError.self) { try metadata.string("a.byte") }
        #expect(parsed.tensors.map(\.name) == ["m", "v"])
        #expect(parsed.tensors.map(\.shape) == [[3, 2], [32]])
        #expect(parsed.tensors.map(\.type) == [.float16, .q8_0])
        #expect(parsed.tensors[1].bytes.lowerBound == parsed.tensors[0].bytes.lowerBound + 32)
        #expect(parsed.tensors[1].bytes.count == 34)
    }

    @Test func `the alignment of the file counts`() throws {
        var file = GGUFBytes(alignment: 64)
        file.entries = [("general.alignment", 4, GGUFBytes.number(UInt32(64)))]
        file.tensors = [GGUFBytes.Tensor()]
        file.data = [UInt8](repeating: 0, count: 16)
        #expect(try file.parsed().tensors[0].bytes.lowerBound % 64 == 0)
    }

    /// A way to spoil a file, and a part of the error about it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: String
        let spoil: @Sendable (inout GGUFBytes) -> Void

        init(_ error: String, _ spoil: @escaping @Sendable (inout GGUFBytes) -> Void) {
            testDescription = error
            self.error = error
            self.spoil = spoil
        }
    }

    private static let huge = UInt64(1) << 60

    static let faults = [
        Fault("byte 0: does not begin with GGUF") { $0.magic = "GGML" },
        Fault("byte 4: is GGUF version 1 of August 2023") { $0.version = 1 },
        Fault("byte 4: has GGUF version 4; versions 2 and 3 are supported") { $0.version = 4 },
        Fault("byte 4: is a big-endian GGUF file") { $0.version = UInt32(3).byteSwapped },
        Fault("byte 8: claims \(huge) tensors") { $0.tensorCount = huge },
        Fault("byte 16: claims \(huge) metadata entries") { $0.entryCount = huge },
        Fault("byte 24: a metadata key claims \(huge) bytes") {
            $0.entryCount = 2
            $0.data = GGUFBytes.number(huge) + [UInt8](repeating: 0, count: 99)
            $0.tensors = []
            $0.alignment = 1
        },
        Fault("`k` has the unknown type 13") { $0.entries = [("k", 13, [0])] },
        Fault("has the metadata key `k` twice") { $0.entries = [("k", 0, [0]), ("k", 0, [0])] },
        Fault("`k` has the truth value 2") { $0.entries = [("k", 7, [2])] },
        Fault("`k` claims \(huge) bytes") { $0.entries = [("k", 8, GGUFBytes.number(huge))] },
        Fault("`k` is not UTF-8 text") { $0.entries = [("k", 8, GGUFBytes.number(UInt64(1)) + [0xFF])] },
        Fault("claims \(huge) elements of `k`") {
            $0.entries = [("k", 9, GGUFBytes.array(of: 0, [], count: huge))]
        },
        Fault("`k` is an array nested too deeply") {
            var value = GGUFBytes.array(of: 0, [[1]])
            for _ in 0..<9 { value = GGUFBytes.array(of: 9, [value]) }
            $0.entries = [("k", 9, value)]
        },
        Fault("`general.alignment` is 24; it must be a power of two") {
            $0.entries = [("general.alignment", 4, GGUFBytes.number(UInt32(24)))]
        },
        Fault("`general.alignment` must be a whole number") { $0.entries = [("general.alignment", 7, [1])] },
        Fault("tensor `a` has 5 dimensions") { $0.tensors[0].extents = [1, 1, 1, 1, 1] },
        Fault("tensor `a` has the extent 0") { $0.tensors[0].extents = [4, 0] },
        Fault("tensor `a` has the extent \(UInt64.max)") { $0.tensors[0].extents = [.max] },
        Fault("tensor `a` has a shape too large to exist") { $0.tensors[0].extents = [huge, huge] },
        Fault("tensor `a` has the type IQ4_XS; supported are F32") { $0.tensors[0].type = 23 },
        Fault("tensor `a` has the unknown type 99") { $0.tensors[0].type = 99 },
        Fault("has rows of 4 elements; Q4_0 needs a multiple of 32") { $0.tensors[0].type = 2 },
        Fault("starts at byte 8 of the data, not at a multiple of 32") { $0.tensors[0].offset = 8 },
        Fault("starts at byte 64 of the data, but there are only 16") { $0.tensors[0].offset = 64 },
        Fault("starts at byte \(huge) of the data") { $0.tensors[0].offset = huge },
        Fault("tensor `a` of 32 bytes starts at byte 0 of the data, but there are only 16") {
            $0.tensors[0].extents = [8]
        },
        Fault("has two tensors `a`") {
            $0.tensors.append(GGUFBytes.Tensor(offset: 32))
            $0.data = [UInt8](repeating: 0, count: 64)
        },
        Fault("tensors `a` and `b` overlap") {
            $0.tensors[0].extents = [16]
            $0.tensors.append(GGUFBytes.Tensor(name: "b", offset: 32))
            $0.data = [UInt8](repeating: 0, count: 64)
        },
    ]

    @Test(arguments: faults) func `a wrong file is refused with its fault`(fault: Fault) throws {
        var file = GGUFBytes(tensors: [GGUFBytes.Tensor()], data: [UInt8](repeating: 0, count: 16))
        _ = try file.parsed()
        fault.spoil(&file)
        let error = #expect(throws: GGUFError.self) { try file.parsed() }
        #expect(error?.description.contains(fault.error) == true, "\(error?.description ?? "")")
    }

    @Test func `a file that ends anywhere is refused`() throws {
        let file = GGUFBytes(
            entries: [("k", 9, GGUFBytes.array(of: 8, [GGUFBytes.string("text")]))],
            tensors: [GGUFBytes.Tensor()], data: [UInt8](repeating: 0, count: 16))
        let bytes = file.bytes
        for count in 0..<bytes.count {
            let error = #expect(throws: GGUFError.self) {
                try bytes[..<count].withUnsafeBytes { try GGUFFile(parsing: $0, path: "x.gguf") }
            }
            #expect(error?.path == "x.gguf")
        }
    }
}
