import CKernels

/// The type that weights are packed as, whatever the checkpoint stores.
public enum WeightType: String, Sendable, Hashable, CaseIterable, Codable {
    /// As in the checkpoint.
    case auto
    case float32
    case bfloat16
    case float16
    /// Integers of -127 ... 127, in blocks of 64 inputs that share a scale. Activations are quantised in the same way.
    case int8

    /// The packed type of `stack`.
    ///
    /// Matrices of several types that are to stay as they are become floats, which is exact.
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
    /// Index of the matrix among those given, and the weight's place in it.
    public let matrix: Int
    public let row: Int
    public let column: Int
    /// NaN, infinite, or too large for the packed type.
    public let value: Float
}
