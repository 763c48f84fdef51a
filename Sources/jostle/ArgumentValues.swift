public import ArgumentParser
public import ExpertRouting
public import Logging
public import Numerics

extension Isolation: ExpressibleByArgument {}
extension NumericsMode: ExpressibleByArgument {}
extension KernelSet: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
