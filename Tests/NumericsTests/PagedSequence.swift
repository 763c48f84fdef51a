import Glibc
import Numerics

/// One sequence's keys and values by position, and the paged pools they are laid out in.
struct PagedSequence {
    let shape: AttentionShape
    let count: Int
    let queries: [Float]
    /// Keys and values are [position][kvHead][keyDimension] and [position][kvHead][valueDimension].
    let keys: [Float]
    let values: [Float]

    init(_ shape: AttentionShape, count: Int, seed: UInt64 = 1) {
        var random = RandomFloats(seed: seed)
        self.shape = shape
        self.count = count
        queries = random.array(shape.queryWidth, scale: 3)
        keys = random.array(count * shape.keyWidth)
        values = random.array(count * shape.valueWidth)
    }

    var scale: Float { 1 / Float(shape.keyDimension).squareRoot() }

    /// Attention of the kernels, the sequence's blocks placed at `blocks` in pools that hold `filler` elsewhere.
    func attend(_ set: KernelSet, first: Int, blocks: [Int32], filler: Float = .nan) -> [Float] {
        let (heads, keyWidth, valueWidth) = (shape.keyValueHeads, shape.keyDimension, shape.valueDimension)
        let blockCount = Int(blocks.max() ?? 0) + 1
        var keyPool = [Float](repeating: filler, count: blockCount * 16 * shape.keyWidth)
        var valuePool = [Float](repeating: filler, count: blockCount * 16 * shape.valueWidth)
        for p in 0..<count {
            for h in 0..<heads {
                let block = Int(blocks[p / 16]) * heads + h
                for d in 0..<keyWidth {
                    keyPool[(block * keyWidth + d) * 16 + p % 16] = keys[(p * heads + h) * keyWidth + d]
                }
                for d in 0..<valueWidth {
                    valuePool[(block * 16 + p % 16) * valueWidth + d] =
                        values[(p * heads + h) * valueWidth + d]
                }
            }
        }
        var scores = [Float](repeating: filler, count: Kernels.scoresCount(positions: count))
        var out = [Float](repeating: filler, count: shape.outputWidth)
        Kernels(set).attend(
            queries, keys: keyPool, values: valuePool, blocks: blocks, first: first, count: count,
            shape: shape, scale: scale, scores: &scores, into: &out)
        return out
    }

    /// The same in double precision, straight from the definition.
    func reference(first: Int) -> [Double] {
        (0..<shape.heads).flatMap { h in
            let kvHead = h / (shape.heads / shape.keyValueHeads)
            let weights = (first..<count).map { p in
                let score = (0..<shape.keyDimension).reduce(0.0) { sum, d in
                    let key = keys[(p * shape.keyValueHeads + kvHead) * shape.keyDimension + d]
                    return sum + Double(queries[h * shape.keyDimension + d]) * Double(key)
                }
                return exp(score * Double(scale))
            }
            let total = weights.reduce(0, +)
            return (0..<shape.valueDimension).map { d in
                zip(first..<count, weights).reduce(0.0) { sum, pair in
                    let value = values[(pair.0 * shape.keyValueHeads + kvHead) * shape.valueDimension + d]
                    return sum + pair.1 * Double(value) / total
                }
            }
        }
    }
}
