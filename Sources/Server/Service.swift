public import Catalog
import Engine
import FoundationEssentials
import HTTP
public import Logging
import Numerics
import Threads

/// Why a service cannot start.
public struct ServiceError: Error, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The catalogue or the options are wrong.
        case configuration
        /// A checkpoint is not there or cannot be read.
        case missingCheckpoint
        /// A checkpoint is there, but is not supported.
        case unservableCheckpoint
        /// The address is taken or does not exist.
        case address
    }

    public let kind: Kind
    public let description: String
}

extension ServiceError {
    init(_ error: CatalogError) {
        kind =
            switch error.kind {
            case .catalogue: .configuration
            case .missingCheckpoint: .missingCheckpoint
            case .unservableCheckpoint: .unservableCheckpoint
            }
        description = error.description
    }
}

/// The server: models and engines, metrics, endpoints, and the HTTP daemon in front of them.
///
/// `listen`, then `load`: until the models are loaded, requests for them are refused with 503.
public final class Service: Sendable {
    /// The server's version, for `jostle --version` and `GET /version`.
    public static let version = "0.1.0"

    let models = ModelRegistry()
    let router: Router
    private let options: ServerOptions
    private let logger: Logger
    /// The API models, as the options change them.
    public let catalogue: ModelCatalog
    private let admission: Admission
    private let refusals: RefusalLog
    private let workers: WorkerPool
    private let window: DeliveryWindow
    private let resumptions: ResumeQueue
    private let daemon = Locked<HTTPDaemon?>(nil)
    private let traffic = Locked<TenantTraffic?>(nil)
    private let isStopped = Locked(false)

    /// Reads the catalogue; loads nothing.
    public init(_ options: ServerOptions, logger: Logger) throws(ServiceError) {
        self.options = options
        self.logger = logger
        catalogue = try ModelCatalog(for: options)
        refusals = RefusalLog(logger: logger)
        admission = Admission(models: models, constraints: ConstraintStore())
        let parts = EndpointParts(
            models: models, admission: admission, requests: RequestMetrics(), refusals: refusals,
            asksForKey: !options.keys.isEmpty, logger: logger,
            created: Int(Date().timeIntervalSince1970))
        router = Router(of: parts, keys: options.keys, crossOrigin: options.http.crossOrigin)
        workers = WorkerPool(threadCount: options.threads)
        window = DeliveryWindow(workers: workers)
        resumptions = ResumeQueue(window: window)
    }

    /// The port it listens on; 0 before `listen`.
    public var port: UInt16 { daemon.withLock { $0?.port ?? 0 } }

    /// Binds the port and answers requests; those that need a model get 503 until `load` is done.
    public func listen() throws(ServiceError) {
        do throws(ListenError) {
            let daemon = try HTTPDaemon(
                options.http, responder: router, resumptions: resumptions, refusals: refusals, logger: logger,
                describe: { APIError($0).response })
            self.daemon.withLock { $0 = daemon }
            if options.keys.isEmpty, !daemon.isLoopback {
                logger.warning(
                    "other machines can reach this address, and no key is required; see --api-key",
                    metadata: ["host": "\(options.http.host)"])
            }
        } catch {
            throw ServiceError(
                kind: error.isAddress ? .address : .configuration, description: error.description)
        }
    }

    /// Loads every checkpoint of the catalogue, starts the engines, and starts background traffic if there is any.
    ///
    /// If the service is stopped meanwhile, it returns early and nothing is loaded.
    public func load() throws(ServiceError) {
        let builder = EngineBuilder(
            sizes: options.engine, kernels: Kernels(options.kernels), workers: workers, logger: logger,
            readers: EngineReaders(
                window: window, onDelivery: { [resumptions] in resumptions.flush(isLast: $0) }))
        let loaded = try ServedModel.load(catalogue.entries, with: builder) { isStopped.withLock { $0 } }
        var tenants: TenantTraffic?
        if options.tenants.count > 0, !loaded.isEmpty {
            tenants = try TenantTraffic(
                options.tenants, among: loaded, admission: admission, logger: logger)
        }
        // Holds the lock, so that `stop` sees either nothing or all of this.
        isStopped.withLock { isStopped in
            guard !isStopped else { return loaded.stopEngines() }
            models.publish(loaded)
            traffic.withLock { $0 = tenants }
            tenants?.start()
        }
    }

    /// Refuses new requests, waits until `deadline` for those in flight, and stops the engines.
    ///
    /// A request that has not finished by then is answered with an error.
    public func stop(deadline: Duration) {
        isStopped.withLock { $0 = true }
        traffic.withLock { $0 }?.stop()
        // Taken out, so that a second call stops nothing.
        let daemon = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        // An engine that stops cancels its sequences, and their requests are answered with an error.
        daemon?.stop(deadline: deadline) { models.all.stopEngines() }
        models.all.stopEngines()
    }
}
