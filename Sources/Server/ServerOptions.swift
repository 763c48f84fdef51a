public import Engine
public import ExpertRouting
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
    public var stepTokens = 512
    public var maximumRunning = 64
    public var maximumQueued = 1024
    /// KV blocks of each engine; `nil`: as many as fit.
    public var cacheBlocks: Int?
    /// Whether prompts may begin with what others left in the KV cache.
    public var cachesPrefixes = true
    public var pace = Pace()
    /// Synthetic background traffic.
    public var tenants = TenantOptions()

    public init() {}
}
