import CKernels

/// How a layer's weights are kept, and what multiplies them.
enum WeightFormat {
    /// Packed in panels, for the kernels of an instruction set.
    case packed(jk_isa)
    /// Row-major floats for OpenBLAS; `rounder` is what rounds both sides of each product to bf16, if anything does.
    case dense(rounder: jk_isa?)

    init(_ mode: NumericsMode, kernels: Kernels) {
        let isa = kernels.set.isa
        self =
            switch mode {
            case .invariant: .packed(isa)
            case .fast:
                .packed(kernels.multipliesBF16 ? .avx512bf16 : isa)
            case .blas: .dense(rounder: nil)
            case .blasBF16: .dense(rounder: isa)
            }
    }
}

extension Kernels {
    /// Whether `fast` has an instruction of its own here.
    var multipliesBF16: Bool { jk_isa_supported(.avx512bf16) && set == .avx512 }
}
