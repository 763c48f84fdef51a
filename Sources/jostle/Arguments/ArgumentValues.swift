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
    /// What the modes are, for `--help`.
    static let help = """
        Who does the arithmetic: invariant (a row's bits depend neither on the batch nor on the processor), fast \
        (they do not depend on the batch), blas or blas-bf16 (they do).
        """
}
extension WeightType: ExpressibleByArgument {
    /// What the types are, for `--help`.
    static let help = """
        What weights become when they are loaded: auto (as they are stored), float32, bfloat16, float16 or int8 (with \
        activations rounded likewise).
        """
}
extension KernelSet: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
