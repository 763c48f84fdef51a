import Catalog
import Engine
import ExpertRouting
import FoundationEssentials
import HTTP
public import Logging
import Numerics
import OpenAI
import Threads
import Transformer

/// Why a service cannot start.
public struct ServiceError: Error, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The catalogue or the options are at fault.
        case configuration
        /// A checkpoint is.
        case checkpoint
        /// The address cannot be listened on.
        case address
    }

    public let kind: Kind
    public let description: String
}

/// One API model as it is served: a loaded model, what is counted of its engine, and what may change.
struct ServedModel: Sendable {
    let loaded: LoadedModel
    let metrics: EngineMetrics
    /// Isolation of requests that do not say; `PUT /admin/routing` changes it.
    let isolation: Locked<Isolation>

    var entry: ModelCatalog.Entry { loaded.entry }
    var model: Model { loaded.model }
    /// `nil` where the model takes no messages.
    var chatTemplate: ChatTemplate? { loaded.chatTemplate }
    var engine: EngineThread { loaded.engine }
}

/// The server: models, engines, metrics, and the HTTP daemon before them.
public final class Service: Sendable {
    let models: [ServedModel]
    let metrics = RequestMetrics()
    let constraints = ConstraintStore()
    let refusals: RefusalLog
    let logger: Logger
    let started = ContinuousClock.now
    /// Seconds since 1970.
    let created = Int(Date().timeIntervalSince1970)
    private let options: ServerOptions
    private let resumptions: ResumeQueue
    private let daemon = Locked<HTTPDaemon?>(nil)
    private let traffic = Locked<TenantTraffic?>(nil)

    /// Loads every checkpoint of the catalogue and starts its engines.
    public init(_ options: ServerOptions, logger: Logger) throws(ServiceError) {
        self.options = options
        self.logger = logger
        refusals = RefusalLog(logger: logger)
        let workers = WorkerPool(threadCount: options.threads)
        let window = DeliveryWindow(workers: workers)
        resumptions = ResumeQueue(window: window)
        var builder = EngineBuilder(
            sizes: options.engine, kernels: Kernels(options.kernels), workers: workers, logger: logger,
            readers: EngineReaders(
                window: window, onDelivery: { [resumptions] in resumptions.flush(isLast: $0) }))
        var metrics: [ObjectIdentifier: EngineMetrics] = [:]
        var models: [ServedModel] = []
        do {
            for var entry in try ModelCatalog(servedFrom: options.models).entries {
                if let problem = options.routing.apply(to: &entry.rule) {
                    throw ServiceError(kind: .configuration, description: "routing: \(problem)")
                }
                entry.isolation = options.isolation ?? entry.isolation
                entry.numerics = options.numerics ?? entry.numerics
                entry.weightType = options.weightType ?? entry.weightType
                let counts = EngineMetrics(name: entry.name)
                let loaded = try builder.load(entry) { counts.take($0) }
                counts.begin(with: loaded.engine.emptyOccupancy)
                // An engine of several entries counts under the first one's name.
                let engine = ObjectIdentifier(loaded.engine)
                metrics[engine] = metrics[engine] ?? counts
                models.append(
                    ServedModel(
                        loaded: loaded, metrics: metrics[engine] ?? counts,
                        isolation: Locked(entry.isolation)))
            }
        } catch let error as CatalogError {
            throw ServiceError(kind: .configuration, description: error.description)
        } catch let error as CheckpointError {
            throw ServiceError(kind: .checkpoint, description: error.description)
        } catch let error as ServiceError {
            throw error
        } catch {
            throw ServiceError(kind: .configuration, description: "\(error)")
        }
        self.models = models
    }

    var crossOrigin: CrossOriginRule { options.http.crossOrigin }
    var asksForKey: Bool { !options.keys.isEmpty }

    /// The names of the models that are served, in the catalogue's order.
    public var modelNames: [String] { models.map(\.entry.name) }

    /// The port it listens on; 0 before `start`.
    public var port: UInt16 { daemon.withLock { $0?.port ?? 0 } }

    /// Begins to listen, and to make background traffic if there is to be any.
    public func start() throws(ServiceError) {
        let traffic = options.tenants.count > 0 ? try TenantTraffic(options.tenants, service: self) : nil
        do throws(ListenError) {
            let gate = KeyGate(keys: options.keys, routes: Routes(service: self))
            let daemon = try HTTPDaemon(
                options.http, handler: gate, resumptions: resumptions, refusals: refusals, logger: logger,
                describe: { APIError($0).response })
            self.daemon.withLock { $0 = daemon }
            if options.keys.isEmpty, !daemon.isLoopback {
                logger.warning(
                    "other machines can reach this address, and no key is asked for; see --api-key",
                    metadata: ["host": "\(options.http.host)"])
            }
        } catch {
            throw ServiceError(
                kind: error.isAddress ? .address : .configuration, description: error.description)
        }
        self.traffic.withLock { $0 = traffic }
        traffic?.start()
    }

    /// Stops taking requests, lets those in flight finish until `deadline`, and ends the engines.
    ///
    /// A request that has not finished by then is answered with an error.
    public func stop(deadline: Duration) {
        traffic.withLock { $0 }?.stop()
        // Taken, so that a second call has nothing left to stop.
        let daemon = daemon.withLock { daemon in
            defer { daemon = nil }
            return daemon
        }
        // An engine that stops ends what it was generating, and its requests are answered with an error.
        daemon?.stop(deadline: deadline) { stopEngines() }
        stopEngines()
    }

    private func stopEngines() {
        for model in models { model.engine.stop() }
    }

    /// The model a client names, and the isolation its name may end with (`gpt-4:per-sequence`).
    func resolve(_ name: String) throws(APIError) -> (ServedModel, Isolation?) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let model = models.first(where: { $0.entry.name == parts.first ?? "" }) else {
            throw .unknownModel(name)
        }
        guard parts.count == 2 else { return (model, nil) }
        guard let isolation = Isolation(rawValue: String(parts[1])) else { throw .unknownModel(name) }
        return (model, isolation)
    }

    /// Answers `GET /health`; a server that is stopping answers every request with 503.
    func health() -> HTTPResponse { .json(["status": "ok"]) }
}
