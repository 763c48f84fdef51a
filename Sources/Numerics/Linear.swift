/// A weight matrix as a checkpoint stores it: row-major [outputs, inputs].
public struct WeightMatrix {
    public enum Element: String, Sendable, Hashable { case float32 = "F32", bfloat16 = "BF16", float16 = "F16" }
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
}

/// y = x Wᵀ over packed weights.
public final class Linear: Sendable {
    public let inputs: Int
    public let outputs: Int
    /// Packs one matrix, or several stacked by output (`gate` over `up`).
    public init(_ matrices: [WeightMatrix], mode: NumericsMode, kernels: Kernels) { fatalError("stub") }
    /// x: [rows, inputs], y: [rows, outputs], both row-major and dense.
    public func apply(_ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>) { fatalError("stub") }
}
