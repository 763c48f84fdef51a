import CKernels

/// An instruction set the kernels are built for.
///
/// All of them give the same bits.
public enum KernelSet: String, Sendable, Hashable, CaseIterable, Codable {
    /// The architecture's baseline; on x86-64 slow, as it has no fused multiply-add.
    case portable
    /// AVX2, FMA and F16C.
    case avx2
    /// AVX-512 F, BW, DQ and VL.
    case avx512
    /// AArch64 Advanced SIMD.
    case neon

    /// Whether this machine can run it.
    public var isSupported: Bool { jk_isa_supported(isa) }

    /// The fastest one this machine can run.
    public static var best: KernelSet {
        [.avx512, .avx2, .neon].first(where: \.isSupported) ?? .portable
    }

    var isa: jk_isa {
        switch self {
        case .portable: .portable
        case .avx2: .avx2
        case .avx512: .avx512
        case .neon: .neon
        }
    }
}
