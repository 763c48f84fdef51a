/// Who does the matrix arithmetic.
public enum NumericsMode: String, Sendable, Hashable, CaseIterable, Codable {
    /// The project's own kernels: each output element is one fma chain over ascending k.
    case invariant
    /// OpenBLAS `cblas_sgemm` with the batch's true shape: rounding depends on the batch.
    case blas
}
