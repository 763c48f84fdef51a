import CKernels

/// A weight matrix as stored in a checkpoint: row-major [outputs, inputs].
///
/// It borrows the memory at `base`.
public struct WeightMatrix {
    /// Storage type of a weight; the raw values are safetensors' names.
    public enum Element: String, Sendable, Hashable {
        case float32 = "F32"
        case bfloat16 = "BF16"
        case float16 = "F16"

        /// Bytes per weight.
        public var size: Int { self == .float32 ? 4 : 2 }

        var stored: jk_element {
            switch self {
            case .float32: .f32
            case .bfloat16: .bf16
            case .float16: .f16
            }
        }
    }

    /// Pointer to the first weight; needs no alignment.
    public let base: UnsafeRawPointer
    public let element: Element
    public let outputs: Int
    public let inputs: Int

    public init(base: UnsafeRawPointer, element: Element, outputs: Int, inputs: Int) {
        self.base = base
        self.element = element
        self.outputs = outputs
        self.inputs = inputs
    }

    /// Writes row `index` as floats (exact); `out`: [inputs].
    public func widenRow(_ index: Int, into out: UnsafeMutablePointer<Float>) {
        jk_widen(element.stored, base + index * inputs * element.size, out, inputs)
    }

    /// Writes all weights as floats (exact), row-major.
    func widen(into out: UnsafeMutablePointer<Float>) {
        jk_widen(element.stored, base, out, outputs * inputs)
    }
}
