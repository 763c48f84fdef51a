import Foundation
import GGUF
import Testing

struct WideningTests {
    private static let path = Bundle.module.url(
        forResource: "blocks", withExtension: "gguf", subdirectory: "Fixtures")

    @Test(arguments: GGUFTensorType.allCases)
    func `each type widens to the bits of gguf-py`(type: GGUFTensorType) throws {
        let data = try Data(contentsOf: #require(Self.path))
        try data.withUnsafeBytes { bytes in
            let file = try GGUFFile(parsing: bytes, path: "blocks.gguf")
            let stored = try #require(file.tensors.first { $0.name == type.name })
            let expected = try #require(file.tensors.first { $0.name == type.name + ".widened" })
            #expect(stored.type == type && expected.type == .float32 && stored.shape == expected.shape)
            var widened = [Float](repeating: .nan, count: stored.elementCount)
            let base = try #require(bytes.baseAddress)
            type.widen(base + stored.bytes.lowerBound, count: widened.count, into: &widened)
            for (index, value) in widened.enumerated() {
                let wanted = bytes.loadUnaligned(
                    fromByteOffset: expected.bytes.lowerBound + 4 * index, as: UInt32.self)
                guard value.bitPattern != wanted else { continue }
                Issue.record("[\(index)] is \(value), not \(Float(bitPattern: wanted))")
                return
            }
        }
    }

    @Test func `every half-precision number widens exactly`() {
        for bits in UInt16.min...UInt16.max {
            var value: Float = 0
            withUnsafeBytes(of: bits.littleEndian) { bytes in
                bytes.baseAddress.map { GGUFTensorType.float16.widen($0, count: 1, into: &value) }
            }
            let expected = Float(Float16(bitPattern: bits))
            #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN)
        }
    }
}
