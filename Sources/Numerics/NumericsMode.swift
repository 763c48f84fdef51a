import COpenBLAS

/// Who does the matrix arithmetic.
public enum NumericsMode: String, Sendable, Hashable, CaseIterable, Codable {
    /// The project's own kernels: each output element is one fma chain over ascending k.
    case invariant
    /// As `invariant`, but where the processor has vdpbf16ps, bf16 weights meet activations rounded to bf16: about twice as
    /// fast where arithmetic is the limit. Rows still do not depend on the batch, but bits depend on the processor.
    case fast
    /// OpenBLAS `cblas_sgemm` with the batch's true shape: rounding depends on the batch.
    case blas
    /// As `blas`, with what goes into each product and what comes out of it rounded to bf16, as accelerators do.
    case blasBF16 = "blas-bf16"

    /// What a result's bits depend on beside the numbers that go in: the mode, and the processor where that matters.
    public func identity(on kernels: Kernels) -> String {
        switch self {
        case .invariant: rawValue
        case .fast: kernels.multipliesBF16 ? rawValue + "+vdpbf16ps" : rawValue
        case .blas, .blasBF16: rawValue + "+" + String(cString: openblas_get_corename())
        }
    }
}
