import COpenBLAS

/// Which arithmetic computes matrix products.
public enum NumericsMode: String, Sendable, Hashable, CaseIterable, Codable {
    /// The project's own kernels: each output element is one fma chain over ascending k.
    case invariant
    /// As `invariant`, but on processors with `vdpbf16ps`, bf16 weights are multiplied with activations rounded to
    /// bf16. About twice as fast where arithmetic is the bottleneck. Rows do not depend on the batch, but bits depend
    /// on the processor.
    case fast
    /// OpenBLAS `cblas_sgemm` with the batch's actual shape: rounding depends on the batch.
    case blas
    /// As `blas`, with inputs and outputs of each product rounded to bf16, as on accelerators.
    case blasBF16 = "blas-bf16"

    /// Identifies everything a result's bits depend on besides the numbers: the mode, and the processor if it matters.
    public func identity(on kernels: Kernels) -> String {
        switch self {
        case .invariant: rawValue
        case .fast: kernels.multipliesBF16 ? rawValue + "+vdpbf16ps" : rawValue
        case .blas, .blasBF16: rawValue + "+" + String(cString: openblas_get_corename())
        }
    }
}
