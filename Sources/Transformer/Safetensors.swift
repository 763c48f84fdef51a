public import Numerics

/// A memory-mapped `model.safetensors`.
public final class Safetensors: Sendable {
    public init(contentsOf path: String) throws(CheckpointError) { fatalError("stub") }
    /// A two-dimensional weight of exactly this shape; the memory lives as long as this object.
    public func matrix(_ name: String, outputs: Int, inputs: Int) throws(CheckpointError) -> WeightMatrix { fatalError("stub") }
    /// A one-dimensional weight, widened to Float.
    public func vector(_ name: String, count: Int) throws(CheckpointError) -> [Float] { fatalError("stub") }
    public func contains(_ name: String) -> Bool { fatalError("stub") }
}
