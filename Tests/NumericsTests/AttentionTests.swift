import Numerics
import Testing

struct AttentionTests {
    struct Shape: CustomTestStringConvertible {
        let heads: Int, keyValueHeads: Int, headDimension: Int
        var valueDimension: Int?
        let first: Int, count: Int

        var testDescription: String {
            "\(heads) heads on \(keyValueHeads), dimension \(headDimension), positions \(first) ..< \(count)"
                + (valueDimension.map { ", values of \($0)" } ?? "")
        }

        var sequence: PagedSequence {
            PagedSequence(
                AttentionShape(
                    heads: heads, keyValueHeads: keyValueHeads, keyDimension: headDimension,
                    valueDimension: valueDimension ?? headDimension),
                count: count)
        }
    }

    /// Every head alone, shared and grouped; dimensions with each tail; windows within, at and across blocks.
    static let shapes = [
        Shape(heads: 1, keyValueHeads: 1, headDimension: 16, first: 0, count: 1),
        Shape(heads: 2, keyValueHeads: 2, headDimension: 8, first: 0, count: 16),
        Shape(heads: 4, keyValueHeads: 2, headDimension: 20, first: 0, count: 37),
        Shape(heads: 6, keyValueHeads: 2, headDimension: 32, first: 5, count: 12),
        Shape(heads: 4, keyValueHeads: 1, headDimension: 64, first: 16, count: 80),
        Shape(heads: 5, keyValueHeads: 1, headDimension: 48, first: 3, count: 70),
        Shape(heads: 14, keyValueHeads: 2, headDimension: 40, first: 0, count: 65),
        Shape(heads: 3, keyValueHeads: 3, headDimension: 112, first: 21, count: 150),
        Shape(heads: 2, keyValueHeads: 1, headDimension: 128, first: 99, count: 101),
        Shape(heads: 4, keyValueHeads: 4, headDimension: 48, valueDimension: 32, first: 0, count: 40),
        Shape(heads: 6, keyValueHeads: 3, headDimension: 24, valueDimension: 72, first: 7, count: 77),
    ]

    private func inOrder(_ count: Int) -> [Int32] { (0..<Int32((count + 15) / 16)).map { $0 } }

    @Test(arguments: shapes)
    func `attention matches double precision`(shape: Shape) {
        let sequence = shape.sequence
        let out = sequence.attend(.best, first: shape.first, blocks: inOrder(shape.count))
        for (value, exact) in zip(out, sequence.reference(first: shape.first)) {
            #expect((Double(value) - exact).magnitude < 2e-6)
        }
    }

    @Test(arguments: KernelSet.supported, shapes)
    func `every kernel set gives the same bits`(set: KernelSet, shape: Shape) {
        let blocks = inOrder(shape.count)
        let sequence = shape.sequence
        let expected = sequence.attend(.portable, first: shape.first, blocks: blocks)
        #expect(sameBits(sequence.attend(set, first: shape.first, blocks: blocks), expected))
    }

    @Test(arguments: shapes)
    func `neither the place of the blocks nor what lies around them changes a bit`(shape: Shape) {
        let blocks = inOrder(shape.count)
        let sequence = shape.sequence
        let expected = sequence.attend(.best, first: shape.first, blocks: blocks)
        let scattered = blocks.map { Int32(($0 * 7 + 3) % 23) }
        #expect(
            sameBits(sequence.attend(.best, first: shape.first, blocks: scattered, filler: 1e30), expected))
    }

    @Test func `a position outside the window has no say`() {
        let shape = Self.shapes[5]
        let blocks = inOrder(shape.count)
        let whole = shape.sequence.attend(.best, first: 0, blocks: blocks)
        let window = shape.sequence.attend(.best, first: shape.first, blocks: blocks)
        #expect(!sameBits(whole, window))
        // Blocks before the window may have been given away.
        let given = [Int32](repeating: 0, count: shape.first / 16) + blocks[(shape.first / 16)...]
        #expect(sameBits(shape.sequence.attend(.best, first: shape.first, blocks: given), window))
    }
}
