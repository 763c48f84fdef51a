/// An instruction set the kernels are built for.
public enum KernelSet: String, Sendable, Hashable, CaseIterable, Codable {
    case portable, avx2, avx512, neon
    public var isSupported: Bool { fatalError("stub") }
    public static var best: KernelSet { fatalError("stub") }
}

/// The element-wise and attention kernels of one instruction set.
public struct Kernels: Sendable {
    public let set: KernelSet
    public init(_ set: KernelSet = .best) { self.set = set }

    /// out[r] = x[r] · weight / sqrt(mean(x[r]²) + epsilon), row by row.
    public func rmsNorm(_ x: UnsafePointer<Float>, weight: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, width: Int, epsilon: Float) { fatalError("stub") }
    /// out[r][i] = silu(x[r][i]) · x[r][width + i]; x: [rows, 2·width], out: [rows, width].
    public func siluMultiply(_ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, rows: Int, width: Int) { fatalError("stub") }
    /// In place softmax of one row.
    public func softmax(_ x: UnsafeMutablePointer<Float>, count: Int) { fatalError("stub") }
    /// log(sum(exp(x))) of one row.
    public func logSumExp(_ x: UnsafePointer<Float>, count: Int) -> Float { fatalError("stub") }
    /// y += x
    public func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) { fatalError("stub") }
    /// y = fma(scale, x, y)
    public func addScaled(_ x: UnsafePointer<Float>, by scale: Float, to y: UnsafeMutablePointer<Float>, count: Int) { fatalError("stub") }
    /// Rotates `heads` heads of one token in place (half-split pairs, as Llama's rotate_half); cosines, sines: [headDimension / 2].
    public func rotate(_ x: UnsafeMutablePointer<Float>, cosines: UnsafePointer<Float>, sines: UnsafePointer<Float>, heads: Int, headDimension: Int) { fatalError("stub") }

    /// Attention of one query token over its sequence's paged keys and values.
    ///
    /// `q`, `out`: [heads, headDimension]. Pools hold blocks of 16 positions: keys [block][kvHead][headDimension][16],
    /// values [block][kvHead][16][headDimension]. `blocks[i]` is the pool block of positions 16·i ..< 16·(i+1).
    /// Attends to positions `first ..< count`. `scores`: scratch of at least `count` rounded up to 16.
    public func attend(
        _ q: UnsafePointer<Float>, keys: UnsafePointer<Float>, values: UnsafePointer<Float>, blocks: UnsafePointer<Int32>,
        first: Int, count: Int, heads: Int, keyValueHeads: Int, headDimension: Int, scale: Float,
        scores: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>
    ) { fatalError("stub") }
}
