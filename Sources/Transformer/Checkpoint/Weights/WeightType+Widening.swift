import Numerics

extension WeightType {
    /// The wide type that quantised tensors are read as.
    ///
    /// `auto` means bfloat16. Others are packed from float32, which is exact.
    var widened: WeightMatrix.Element {
        self == .auto || self == .bfloat16 ? .bfloat16 : .float32
    }
}
