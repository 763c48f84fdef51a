import CKernels
import COpenBLAS

/// Immutable weights [outputs, inputs] as row-major floats, for `cblas_sgemm`.
struct DenseWeights: Sendable {
    let outputs: Int
    let inputs: Int
    private let memory: WeightMemory
    /// Rounds inputs and outputs to bf16, if set.
    private let rounder: jk_isa?

    /// One BLAS thread: a step's batches are too small to split, and BLAS threads would compete with the engine for
    /// cores.
    private static let isSingleThreaded: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// Rounds the matrices of `stack` to `type`, then widens them to floats.
    ///
    /// - Throws: The first weight that is not finite, before or after rounding.
    init(
        _ stack: WeightStack, type: WeightType = .auto, rounder: jk_isa? = nil, in arena: WeightArena? = nil
    ) throws(UnsuitableWeight) {
        _ = Self.isSingleThreaded
        outputs = stack.outputs
        inputs = stack.inputs
        self.rounder = rounder
        memory = WeightMemory(byteCount: outputs * inputs * MemoryLayout<Float>.stride, in: arena)
        if arena?.isMeasuring == true { return }
        try stack.widen(as: type.element(for: stack), into: memory.floats)
        if let rounder { jk_round_bf16(rounder, memory.floats, memory.floats, outputs * inputs) }
    }

    /// y = x Wᵀ in one call with the batch's actual shape; x: [rows, inputs], y: [rows, outputs], both dense.
    func multiply(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
        guard let rounder else { return multiplyExactly(x, rows: rows, into: y) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * inputs) { rounded in
            guard let base = rounded.baseAddress else { return }
            jk_round_bf16(rounder, x, base, rows * inputs)
            multiplyExactly(base, rows: rows, into: y)
        }
        jk_round_bf16(rounder, y, y, rows * outputs)
    }

    private func multiplyExactly(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>
    ) {
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs), 1, x,
            Int32(inputs), memory.floats, Int32(inputs), 0, y, Int32(outputs))
    }
}
