import COpenBLAS

/// Immutable weights [outputs, inputs] as row-major floats, for `cblas_sgemm`.
struct DenseWeights: Sendable {
    let outputs: Int
    let inputs: Int
    private let memory: WeightMemory

    /// Batches of a step are too small to share out, and threads of its own would fight the engine for cores.
    private static let isSingleThreaded: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// Widens the matrices of `stack`.
    init(_ stack: WeightStack, in arena: WeightArena? = nil) {
        _ = Self.isSingleThreaded
        outputs = stack.outputs
        inputs = stack.inputs
        memory = WeightMemory(byteCount: outputs * inputs * MemoryLayout<Float>.stride, in: arena)
        for (first, matrix) in stack.matrices {
            matrix.widen(into: memory.floats + first * inputs)
        }
    }

    /// y = x Wᵀ in one call of the batch's true shape; x: [rows, inputs], y: [rows, outputs], both dense.
    func multiply(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) {
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(outputs), Int32(inputs), 1, x,
            Int32(inputs),
            memory.floats, Int32(inputs), 0, y, Int32(outputs))
    }
}
