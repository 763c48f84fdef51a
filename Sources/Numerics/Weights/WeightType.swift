import CKernels

/// What a layer's weights are stored as once they are packed, whatever a checkpoint stores them as.
public enum WeightType: String, Sendable, Hashable, CaseIterable, Codable {
    /// As the checkpoint has them.
    case auto
    case float32
    case bfloat16
    case float16
    /// Integers of -127 ... 127, in blocks of 64 inputs that share a scale; rows that meet them are quantised likewise.
    case int8

    /// What the weights of `stack` become: where they are of several types and stay as they are, floats, which is exact.
    func element(for stack: WeightStack) -> jk_element {
        switch self {
        case .auto: stack.commonElement?.stored ?? .f32
        case .float32: .f32
        case .bfloat16: .bf16
        case .float16: .f16
        case .int8: .i8
        }
    }
}

/// A weight that cannot be packed.
public struct UnsuitableWeight: Error, Equatable {
    /// Which of the matrices given it is in, and where in it.
    public let matrix: Int
    public let row: Int
    public let column: Int
    /// NaN, infinite, or too large for the type it was to become.
    public let value: Float
}
