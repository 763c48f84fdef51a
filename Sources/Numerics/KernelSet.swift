import CKernels

/// An instruction set that the kernels are built for.
///
/// All sets give the same bits.
public enum KernelSet: String, Sendable, Hashable, CaseIterable, Codable {
    /// The architecture's baseline. Slow on x86-64, which has no fused multiply-add there.
    case portable
    /// AVX2, FMA and F16C.
    case avx2
    /// AVX-512 F, BW, DQ and VL.
    case avx512
    /// AArch64 Advanced SIMD.
    case neon

    /// Whether this machine supports it.
    public var isSupported: Bool { jk_isa_supported(isa) }

    /// The fastest set that this machine supports.
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
