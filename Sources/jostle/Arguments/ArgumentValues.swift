public import ArgumentParser
public import ExpertRouting
public import Logging
public import Numerics

/// A setting that is on or off.
enum Switch: String, CaseIterable, ExpressibleByArgument {
    case on
    case off
}

extension Isolation: ExpressibleByArgument {}
extension NumericsMode: ExpressibleByArgument {
    /// Help text of the options that take a mode.
    static let help = """
        Arithmetic of matrix products: invariant (bits depend on neither batch nor processor), fast (bits depend on \
        the processor), blas or blas-bf16 (bits depend on the batch).
        """
}
extension WeightType: ExpressibleByArgument {
    /// Help text of the options that take a weight type.
    static let help = """
        Type that weights are converted to when loaded: auto (keep the stored type), float32, bfloat16, float16 or \
        int8 (activations are rounded to int8 too).
        """
}
extension KernelSet: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
