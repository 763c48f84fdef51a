public import Threads

/// The first half of a gated feed-forward network: silu(x Gᵀ) · (x Uᵀ) (SwiGLU, arXiv 2002.05202).
public final class GatedLinear: Sendable {
    public let inputs: Int
    /// Widths of the input, and of the outputs of G and U.
    public let width: Int
    private let products: Products
    private let kernels: Kernels

    private enum Products {
        case packed(PackedWeights)
        /// In two steps: the products, then the activation.
        case apart(Linear)
    }

    /// Copies both matrices, which must have the same shape, as `type`, into `arena` if given.
    ///
    /// - Throws: The first weight that is not finite, before or after rounding.
    public init(
        gate: WeightMatrix, up: WeightMatrix, mode: NumericsMode, type: WeightType = .auto,
        kernels: Kernels, arena: WeightArena? = nil, workers: WorkerPool? = nil
    ) throws(UnsuitableWeight) {
        let stack = WeightStack(gate: gate, up: up)
        inputs = gate.inputs
        width = gate.outputs
        self.kernels = kernels
        switch WeightFormat(mode, kernels: kernels) {
        case .packed(let isa):
            products = .packed(
                try PackedWeights(stack, type: type, isa: isa, in: arena, workers: workers))
        case .dense:
            products = .apart(
                try Linear(
                    stack, mode: mode, type: type, kernels: kernels, arena: arena, workers: workers))
        }
    }

    /// Bytes of weights that a multiplication reads.
    public var weightBytes: Int {
        switch products {
        case .packed(let weights): weights.byteCount
        case .apart(let linear): linear.weightBytes
        }
    }

    /// Floats of scratch memory per row.
    public var scratchPerRow: Int {
        switch products {
        case .packed: 0
        case .apart(let linear): linear.outputs
        }
    }

    /// Computes one of `parts` parts of the outputs; x: [rows, inputs], out: [rows, width], scratch: [rows,
    /// scratchPerRow].
    public func apply(
        _ x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, part: Int = 0, of parts: Int = 1
    ) {
        switch products {
        case .packed(let weights):
            weights.multiplyGated(
                x, rows: rows, into: out, width: width, panels: weights.panels(of: part, in: parts))
        case .apart(let linear):
            linear.apply(x, rows: rows, into: scratch, part: part, of: parts)
            kernels.siluMultiply(scratch, into: out, rows: rows, width: width)
        }
    }

    /// Number of parts to cut the outputs into, when one loop computes `layers` layers of this size.
    public func partCount(rows: Int, for workers: WorkerPool, layers: Int = 1) -> Int {
        switch products {
        case .packed(let weights): weights.partCount(rows: rows, for: workers, layers: layers)
        case .apart: 1
        }
    }
}
