import Engine
import ExpertRouting
import FoundationEssentials
import Logging
import JSON
import OpenAI
import Threads

/// The routing in force for one model, as `/admin/routing` tells it.
private struct RoutingState: Encodable {
    let model: String
    let isolation: String
    /// The preset whose rule it is, knob for knob; `custom` where it is none's.
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

/// The body of `PUT /admin/routing`: an isolation, and knobs of the rule.
private struct RoutingUpdate: Decodable {
    let isolation: Isolation?
    let change: RoutingChange

    private enum CodingKeys: String, CodingKey { case isolation }

    init(parsing body: [UInt8]) throws(InvalidField) {
        guard case .object? = try? JSONValue(parsing: body) else {
            throw InvalidField("The body must be a JSON object, such as {\"isolation\": \"per-sequence\"}.")
        }
        do {
            self = try JSONDecoder().decode(RoutingUpdate.self, from: Data(body))
        } catch DecodingError.dataCorrupted(let context) {
            throw InvalidField(context.debugDescription, param: context.codingPath.last?.stringValue)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let name = context.codingPath.last?.stringValue
            throw InvalidField("Invalid type for '\(name ?? "body")'.", param: name, code: "invalid_type")
        } catch {
            throw InvalidField("The body could not be understood.")
        }
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseUnknownKeys(besides: RoutingChange.keys.union([CodingKeys.isolation.stringValue]))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        isolation = try container.decodeIfPresent(Isolation.self, forKey: .isolation)
        change = try RoutingChange(knobsIn: decoder)
    }
}

extension Service {
    /// Answers `GET /admin/routing`, of all models or of `?model=`.
    func routing(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        .json(["data": try affected(by: request).map(RoutingState.init)])
    }

    /// Answers `PUT /admin/routing`: changes every model asked for, or none.
    ///
    /// Requests in flight finish under the rule they came with.
    func changeRouting(_ request: HTTPRequest) throws(APIError) -> HTTPResponse {
        let served = try affected(by: request)
        do throws(InvalidField) {
            let update = try RoutingUpdate(parsing: request.body)
            var rules: [RoutingRule] = []
            for model in served {
                var rule = model.engine.rule
                if let problem = update.change.apply(to: &rule) {
                    throw InvalidField(problem, code: "invalid_value")
                }
                do throws(UnsuitableRule) {
                    try model.engine.options.check(rule)
                } catch {
                    throw InvalidField(error.description, param: "group_size", code: "invalid_value")
                }
                rules.append(rule)
            }
            for (model, rule) in zip(served, rules) {
                // Checked above.
                try? model.engine.adopt(rule)
                if let isolation = update.isolation { model.isolation.withLock { $0 = isolation } }
            }
        } catch {
            throw .invalid(error)
        }
        logger.notice("routing changed", metadata: ["models": "\(served.map(\.entry.name))"])
        return .json(["data": served.map(RoutingState.init)])
    }

    private func affected(by request: HTTPRequest) throws(APIError) -> [ServedModel] {
        guard let name = request.query["model"] else { return models }
        return [try resolve(name).0]
    }
}
