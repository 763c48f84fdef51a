public import Catalog
public import Engine
public import ExpertRouting
public import HTTP
public import Numerics

/// How a service is set up; what is `nil` is as the catalogue has it.
public struct ServerOptions: Sendable {
    public var http = HTTPOptions()
    /// Of which a request must show one; with none, any request is let in.
    public var keys = APIKeys()
    /// The catalogue: a file, or the folder that holds `catalog.yaml`.
    public var models = "Models"
    /// Isolation of requests that do not say, for every model.
    public var isolation: Isolation?
    /// Refines the routing of every model.
    public var routing = RoutingChange()
    public var numerics: NumericsMode?
    /// What weights are packed as.
    public var weightType: WeightType?
    public var kernels = KernelSet.best
    /// Threads that work on a step, of whichever engine runs one.
    public var threads = 1
    /// Of every engine.
    public var engine = EngineSizes()
    /// Synthetic background traffic.
    public var tenants = TenantOptions()

    public init() {}
}
