public import Threads

/// The first half of a gated feed-forward network: silu(x Gᵀ) · (x Uᵀ) (SwiGLU, arXiv 2002.05202).
public final class GatedLinear: Sendable {
    public let inputs: Int
    /// Activations, the outputs of G and of U.
    public let width: Int
    private let products: Products
    private let kernels: Kernels

    private enum Products {
        case packed(PackedWeights)
        /// In two steps: the products, then the activation.
        case apart(Linear)
    }

    /// Copies both matrices, of one shape, as `type`, into `arena` if there is one.
    ///
    /// - Throws: the first weight that is not finite, or not once it is rounded.
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

    /// Bytes that multiplying reads of the weights.
    public var weightBytes: Int {
        switch products {
        case .packed(let weights): weights.byteCount
        case .apart(let linear): linear.weightBytes
        }
    }

    /// Floats of scratch that a row takes.
    public var scratchPerRow: Int {
        switch products {
        case .packed: 0
        case .apart(let linear): linear.outputs
        }
    }

    /// x: [rows, inputs], out: [rows, width], scratch: [rows, scratchPerRow]; the outputs of one of `parts` parts.
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

    /// Into how many parts to cut the outputs, where `layers` layers as large are computed in one loop.
    public func partCount(rows: Int, for workers: WorkerPool, layers: Int = 1) -> Int {
        switch products {
        case .packed(let weights): weights.partCount(rows: rows, for: workers, layers: layers)
        case .apart: 1
        }
    }
}
