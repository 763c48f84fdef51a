public import Catalog
public import Engine
public import ExpertRouting
public import HTTP
public import Numerics

/// Options of a service.
///
/// Those that are `nil` keep the catalogue's values.
public struct ServerOptions: Sendable {
    public var http = HTTPOptions()
    /// If there are any, every request must send one.
    public var keys = APIKeys()
    /// The API models.
    public var models = ModelCatalog.Source.catalogue("Models")
    /// The default isolation of every model.
    public var isolation: Isolation?
    /// Changes to the routing rule of every model.
    public var routing = RoutingChange()
    public var numerics: NumericsMode?
    /// The type that weights are converted to.
    public var weightType: WeightType?
    public var kernels = KernelSet.best
    /// Threads for a step, shared by all engines.
    public var threads = 1
    /// Sizes of every engine.
    public var engine = EngineSizes()
    /// Synthetic background traffic.
    public var tenants = TenantOptions()

    public init() {}
}
