import CKernels

/// The element-wise, row-wise and attention kernels of one instruction set.
///
/// A result depends only on the input numbers, not on the instruction set or on the other rows of the batch.
/// `CKernels.h` states the order of operations of each kernel. Pointers need no alignment.
public struct Kernels: Sendable {
    public let set: KernelSet

    /// The kernels of `set`, which this machine must support.
    public init(_ set: KernelSet = .best) {
        precondition(set.isSupported, "this machine cannot run the \(set) kernels; use KernelSet.best")
        self.set = set
    }

    /// out[r] = x[r] / sqrt(mean(x[r]²) + epsilon) · weight, row by row.
    ///
    /// `out` may be `x`.
    public func rmsNorm(
        _ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>,
        rows: Int, width: Int, epsilon: Float
    ) {
        jk_rms_norm(set.isa, x, weight, out, rows, width, epsilon)
    }

    /// out[r][i] = silu(g) · u; x: [rows, 2·width] with g and u interleaved in blocks of 16, as `GatedLinear` stacks
    /// them, `width` rounded up to a multiple of 16; out: [rows, width].
    func siluMultiply(
        _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, width: Int
    ) {
        jk_silu_multiply(set.isa, x, (width + 15) / 16 * 32, out, width, rows, width)
    }

    /// Index of the largest element; ties go to the lower index.
    ///
    /// A NaN is never the largest.
    public func indexOfLargest(_ x: UnsafePointer<Float>, count: Int) -> Int {
        jk_argmax(set.isa, x, count)
    }

    /// In place: 1 / (1 + exp(-x)).
    public func sigmoid(_ x: UnsafeMutablePointer<Float>, count: Int) {
        for index in 0..<count { x[index] = -x[index] }
        jk_exp(set.isa, x, x, count)
        for index in 0..<count { x[index] = 1 / (1 + x[index]) }
    }

    /// In-place softmax of one row.
    ///
    /// At least one element must be finite.
    public func softmax(_ x: UnsafeMutablePointer<Float>, count: Int) {
        jk_softmax(set.isa, x, count)
    }

    /// log(sum(exp(x))) of one row.
    public func logSumExp(_ x: UnsafePointer<Float>, count: Int) -> Float {
        jk_log_sum_exp(set.isa, x, count)
    }

    /// In place: y += x.
    public func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        jk_add(set.isa, x, y, count)
    }

    /// In place: y = fma(scale, x, y), rounded once.
    public func addScaled(
        _ x: UnsafePointer<Float>, by scale: Float, to y: UnsafeMutablePointer<Float>, count: Int
    ) {
        jk_add_scaled(set.isa, x, scale, y, count)
    }

    /// Rotates `heads` heads of one token in place (half-split pairs, as Llama's `rotate_half`).
    ///
    /// cosines, sines: [headDimension / 2], a row of `RotaryTable`.
    public func rotate(
        _ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>,
        heads: Int, headDimension: Int
    ) {
        jk_rotate(set.isa, x, cosines, sines, heads, headDimension / 2)
    }

    /// Floats of scratch memory that `attend` needs for this many positions.
    public static func scoresCount(positions: Int) -> Int {
        Int(JK_ATTEND_HEADS) * ((positions + 15) / 16 * 16)
    }

    /// Attention of one query token over the paged keys and values of its sequence.
    ///
    /// `q`: [heads, keyDimension], `out`: [heads, valueDimension]. The pools consist of blocks of 16 positions: keys
    /// [block][kvHead][keyDimension][16], values [block][kvHead][16][valueDimension]. `blocks[i]` is the pool block of
    /// positions 16·i ..< 16·(i+1). Attends to positions `first ..< count`, at least one. Head h reads key-value head h
    /// / (heads / keyValueHeads). Computes the heads that read `part` of the key-value heads, or all heads. `scores`:
    /// scratch of `scoresCount(positions: count)` floats.
    public func attend(
        _ q: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>,
        blocks: UnsafePointer<Int32>, first: Int, count: Int, shape: AttentionShape, part: Range<Int>? = nil,
        scale: Float, scores: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) {
        precondition(first >= 0 && first < count, "attention over no position: \(first) ..< \(count)")
        let part = part ?? 0..<shape.keyValueHeads
        var attention = jk_attention(
            queries: q, keys: keys, values: values, blocks: blocks, first: first, count: count,
            heads: shape.heads, kv_heads: shape.keyValueHeads, kv_begin: part.lowerBound,
            kv_end: part.upperBound, key_dimension: shape.keyDimension,
            value_dimension: shape.valueDimension, scale: scale, scores: scores, out: out)
        jk_attend(set.isa, &attention)
    }
}

/// Head counts and widths of an attention layer.
public struct AttentionShape: Sendable, Hashable {
    /// Number of query heads.
    public let heads: Int
    /// Number of key-value heads; divides `heads`.
    public let keyValueHeads: Int
    /// Width of a query head and of a key head.
    public let keyDimension: Int
    /// Width of a value head, and of a head's output.
    public let valueDimension: Int

    public init(heads: Int, keyValueHeads: Int, keyDimension: Int, valueDimension: Int) {
        precondition(
            heads % keyValueHeads == 0, "\(heads) heads cannot share \(keyValueHeads) key-value heads evenly")
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.keyDimension = keyDimension
        self.valueDimension = valueDimension
    }

    /// Floats of one position: queries, keys, values, and the heads' outputs.
    public var queryWidth: Int { heads * keyDimension }
    public var keyWidth: Int { keyValueHeads * keyDimension }
    public var valueWidth: Int { keyValueHeads * valueDimension }
    public var outputWidth: Int { heads * valueDimension }
}
