public import Threads

/// y = x Wᵀ under a `NumericsMode`.
public final class Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    private let weights: Weights

    private enum Weights {
        case packed(PackedWeights)
        case dense(DenseWeights)
    }

    /// Copies one matrix, or several of equal `inputs` stacked by output, as `type`, into `arena` if given.
    ///
    /// - Throws: The first weight that is not finite, before or after rounding.
    public convenience init(
        _ matrices: [WeightMatrix], mode: NumericsMode, type: WeightType = .auto, kernels: Kernels,
        arena: WeightArena? = nil, workers: WorkerPool? = nil
    ) throws(UnsuitableWeight) {
        try self.init(
            WeightStack(matrices), mode: mode, type: type, kernels: kernels, arena: arena, workers: workers)
    }

    init(
        _ stack: WeightStack, mode: NumericsMode, type: WeightType, kernels: Kernels, arena: WeightArena?,
        workers: WorkerPool?
    ) throws(UnsuitableWeight) {
        inputs = stack.inputs
        outputs = stack.outputs
        switch WeightFormat(mode, kernels: kernels) {
        case .packed(let isa):
            weights = .packed(
                try PackedWeights(stack, type: type, isa: isa, in: arena, workers: workers))
        case .dense(let rounder):
            weights = .dense(try DenseWeights(stack, type: type, rounder: rounder, in: arena))
        }
    }

    /// Bytes of weights that a multiplication reads.
    public var weightBytes: Int {
        switch weights {
        case .packed(let weights): weights.byteCount
        case .dense: outputs * inputs * MemoryLayout<Float>.size
        }
    }

    /// x: [rows, inputs], y: [rows, outputs], both row-major and dense.
    ///
    /// `workers`, if given, share the work.
    public func apply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, workers: WorkerPool? = nil
    ) {
        let parts = workers.map { partCount(rows: rows, for: $0) } ?? 1
        let body = { [self] part in apply(x, rows: rows, into: y, part: part, of: parts) }
        if let workers { workers.run(parts: parts, body) } else { body(0) }
    }

    /// As `apply`, for one of `parts` parts of the outputs.
    public func apply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, part: Int, of parts: Int
    ) {
        switch weights {
        case .packed(let weights):
            let panels = weights.panels(of: part, in: parts)
            weights.multiply(x, rows: rows, into: y, panels: panels)
        case .dense(let weights):
            precondition(parts == 1, "a product of the batch's true shape is whole")
            weights.multiply(x, rows: rows, into: y)
        }
    }

    /// Number of parts to cut the outputs into, when one loop computes `layers` layers of this size.
    public func partCount(rows: Int, for workers: WorkerPool, layers: Int = 1) -> Int {
        switch weights {
        case .packed(let weights): weights.partCount(rows: rows, for: workers, layers: layers)
        case .dense: 1
        }
    }
}
