import Glibc
import Numerics

/// One sequence's keys and values by position, and the paged pools they are laid out in.
struct PagedSequence {
    let heads: Int
    let keyValueHeads: Int
    let headDimension: Int
    let count: Int
    let queries: [Float]
    /// Keys and values are [position][kvHead][headDimension].
    let keys: [Float]
    let values: [Float]

    init(heads: Int, keyValueHeads: Int, headDimension: Int, count: Int, seed: UInt64 = 1) {
        var random = RandomFloats(seed: seed)
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headDimension = headDimension
        self.count = count
        queries = random.array(heads * headDimension, scale: 3)
        keys = random.array(count * keyValueHeads * headDimension)
        values = random.array(count * keyValueHeads * headDimension)
    }

    var scale: Float { 1 / Float(headDimension).squareRoot() }

    /// Attention of the kernels, the sequence's blocks placed at `blocks` in pools that hold `filler` elsewhere.
    func attend(_ set: KernelSet, first: Int, blocks: [Int32], filler: Float = .nan) -> [Float] {
        let blockSize = keyValueHeads * 16 * headDimension
        let pool = (Int(blocks.max() ?? 0) + 1) * blockSize
        var keyPool = [Float](repeating: filler, count: pool)
        var valuePool = keyPool
        for p in 0..<count {
            for h in 0..<keyValueHeads {
                let block = Int(blocks[p / 16]) * blockSize + h * 16 * headDimension
                for d in 0..<headDimension {
                    let source = (p * keyValueHeads + h) * headDimension + d
                    keyPool[block + d * 16 + p % 16] = keys[source]
                    valuePool[block + p % 16 * headDimension + d] = values[source]
                }
            }
        }
        var scores = [Float](repeating: filler, count: Kernels.scoresCount(positions: count))
        var out = [Float](repeating: filler, count: heads * headDimension)
        Kernels(set).attend(
            queries, keys: keyPool, values: valuePool, blocks: blocks, first: first, count: count,
            heads: heads,
            keyValueHeads: keyValueHeads, headDimension: headDimension, scale: scale, scores: &scores,
            into: &out)
        return out
    }

    /// The same in double precision, straight from the definition.
    func reference(first: Int) -> [Double] {
        (0..<heads).flatMap { h in
            let kvHead = h / (heads / keyValueHeads)
            let weights = (first..<count).map { p in
                let score = (0..<headDimension).reduce(0.0) { sum, d in
                    let key = keys[(p * keyValueHeads + kvHead) * headDimension + d]
                    return sum + Double(queries[h * headDimension + d]) * Double(key)
                }
                return exp(score * Double(scale))
            }
            let total = weights.reduce(0, +)
            return (0..<headDimension).map { d in
                zip(first..<count, weights).reduce(0.0) { sum, pair in
                    let value = values[(pair.0 * keyValueHeads + kvHead) * headDimension + d]
                    return sum + pair.1 * Double(value) / total
                }
            }
        }
    }
}
