public import ArgumentParser
public import ExpertRouting
public import Logging
public import Numerics

extension Isolation: ExpressibleByArgument {}
extension NumericsMode: ExpressibleByArgument {
    /// What the modes are, for `--help`.
    static let help =
        "Who does the arithmetic: invariant (a row's bits do not depend on the batch) or blas (they do)."
}
extension KernelSet: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
