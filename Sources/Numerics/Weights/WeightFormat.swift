import CKernels

/// How a layer's weights are stored, and what multiplies them.
enum WeightFormat {
    /// In panels, for the kernels of an instruction set.
    case packed(jk_isa)
    /// Row-major floats for OpenBLAS. `rounder`, if any, rounds inputs and outputs of each product to bf16.
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
    /// Whether this machine has the instruction that `fast` uses for this type.
    var multipliesBF16: Bool { jk_isa_supported(.avx512bf16) && set == .avx512 }
}
