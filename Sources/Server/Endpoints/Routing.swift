import Catalog
import Engine
import ExpertRouting
import HTTP
import Logging
import OpenAI
import Threads

/// The current routing of one model, as `/admin/routing` returns it.
private struct RoutingState: Encodable {
    let model: String
    let isolation: String
    /// The preset with exactly this rule, or `custom`.
    let preset: String
    let groupSize: Int
    let capacityFactor: Double
    let minimumCapacity: Int
    let capacityBasis: String
    let slotPriority: String
    let overflow: String
    let limitsGeneratedTokens: Bool
    let seed: UInt64

    enum CodingKeys: String, CodingKey {
        case model, isolation, preset, overflow, seed
        case limitsGeneratedTokens = "limits_generated_tokens"
        case groupSize = "group_size"
        case capacityFactor = "capacity_factor"
        case minimumCapacity = "min_capacity"
        case capacityBasis = "capacity_basis"
        case slotPriority = "slot_priority"
    }

    init(_ served: ServedModel) {
        let rule = served.engine.rule
        model = served.entry.name
        isolation = served.isolation.withLock { $0 }.rawValue
        preset = RoutingRule.presets.first { $0.rule == rule }?.name ?? "custom"
        groupSize = rule.groupSize
        capacityFactor = rule.capacity.factor
        minimumCapacity = rule.capacity.minimum
        capacityBasis = rule.capacity.basis.rawValue
        slotPriority = rule.slotPriority.rawValue
        overflow = rule.overflow.rawValue
        limitsGeneratedTokens = rule.limitsGeneratedTokens
        seed = rule.seed
    }
}

/// The body of `PUT /admin/routing`.
private struct RoutingUpdate {
    let isolation: Isolation?
    var change = RoutingChange()

    init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: RoutingChange.keys.union(["isolation"]))
        isolation = try fields.choice("isolation", of: Isolation.self)
        change.preset = try fields.string("preset")
        change.capacityFactor = try fields.number("capacity_factor", in: 0...Double.greatestFiniteMagnitude)
        change.minimumCapacity = try fields.integer("min_capacity", in: 0...Int.max)
        change.groupSize = try fields.integer("group_size", in: 1...Int.max)
        change.capacityBasis = try fields.choice("capacity_basis", of: CapacityBasis.self)
        change.slotPriority = try fields.choice("slot_priority", of: SlotPriority.self)
        change.overflow = try fields.choice("overflow", of: OverflowPolicy.self)
        change.seed = try fields.integer("seed", in: 0...Int.max).map(UInt64.init)
    }
}

/// `GET /admin/routing`, of all models or of `?model=`.
struct RoutingEndpoint: DirectEndpoint {
    let models: ModelRegistry

    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse {
        .json(["data": try models.affected(by: request).map(RoutingState.init)])
    }
}

/// `PUT /admin/routing`: changes all of the models asked for, or none.
///
/// Requests in flight keep their rule.
struct RoutingUpdateEndpoint: DirectEndpoint {
    let models: ModelRegistry
    let logger: Logger

    func response(to request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let served = try models.affected(by: request)
        try parse { () throws(InvalidField) in
            let update = try RoutingUpdate(parsing: request.body)
            let rules = try rules(of: served, after: update.change)
            for (model, rule) in zip(served, rules) {
                // Checked by `rules`.
                try? model.engine.adopt(rule)
                if let isolation = update.isolation { model.isolation.withLock { $0 = isolation } }
            }
        }
        logger.notice("routing changed", metadata: ["models": "\(served.map(\.entry.name))"])
        return .json(["data": served.map(RoutingState.init)])
    }

    private func rules(
        of served: [ServedModel], after change: RoutingChange
    ) throws(InvalidField) -> [RoutingRule] {
        var rules: [RoutingRule] = []
        for model in served {
            var rule = model.engine.rule
            if let problem = change.apply(to: &rule) {
                throw InvalidField(problem, code: "invalid_value")
            }
            do throws(UnsuitableRule) {
                try model.engine.options.check(rule)
            } catch {
                throw InvalidField(error.description, param: "group_size", code: "invalid_value")
            }
            rules.append(rule)
        }
        return rules
    }
}

extension ModelRegistry {
    fileprivate func affected(by request: HTTPRequest) throws(APIError) -> [ServedModel] {
        guard let name = request.head.query["model"] else { return all }
        return [try resolve(name).0]
    }
}
