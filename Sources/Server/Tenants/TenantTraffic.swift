import Catalog
import Engine
import FoundationEssentials
import Glibc
import Logging
import OpenAI
import Threads
import Transformer

/// Synthetic background traffic: tenants that wait, send a request, read the answer, and repeat.
public struct TenantOptions: Sendable {
    public var count = 0
    /// Mean seconds between an answer and the tenant's next request (exponentially distributed).
    public var think = 1.0
    public var seed: UInt64 = 1
    /// Range of `max_tokens`.
    public var maximumTokens = 32...192
    /// Models to ask; empty: every chat model with experts.
    public var models: [String] = []
    /// Prompts to send; empty: a built-in list.
    public var prompts: [String] = []

    public init() {}
}

/// Runs the tenants of a service.
///
/// Their requests have the same limits, queue and steps as those of clients.
final class TenantTraffic: Sendable {
    private struct State {
        var schedules: [TenantSchedule]
        var turns: [TenantSchedule.Turn?]
        /// When each waiting tenant sends its next request.
        var wakeUps: [ContinuousClock.Instant?]
        var isStopped = false
    }

    private let admission: Admission
    private let logger: Logger
    private let state: Locked<State>

    /// - Throws: if `options` name a model that is not served or takes no messages.
    init(
        _ options: TenantOptions, among models: [ServedModel], admission: Admission, logger: Logger
    ) throws(ServiceError) {
        var options = options
        if options.models.isEmpty {
            options.models = models.filter {
                $0.model.config.experts != nil && $0.chatTemplate != nil
            }
            .map(\.entry.name)
        }
        if options.prompts.isEmpty { options.prompts = Self.storyRequests }
        for name in options.models {
            guard let (served, _) = try? models.resolve(name), served.chatTemplate != nil else {
                throw ServiceError(
                    kind: .configuration, description: "tenants: '\(name)' is not a chat model of this server"
                )
            }
        }
        guard !options.models.isEmpty else {
            throw ServiceError(
                kind: .configuration, description: "tenants: this server has no chat model with experts")
        }
        self.admission = admission
        self.logger = logger
        let schedules = (0..<options.count).map { TenantSchedule(options, tenant: $0) }
        state = Locked(
            State(
                schedules: schedules, turns: Array(repeating: nil, count: options.count),
                wakeUps: Array(repeating: nil, count: options.count)))
    }

    func start() {
        let count = state.withLock { $0.schedules.count }
        for tenant in 0..<count { think(tenant) }
        startThread { [self] in run() }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    /// Schedules a tenant's next request.
    private func think(_ tenant: Int) {
        state.withLock { state in
            let turn = state.schedules[tenant].next()
            state.turns[tenant] = turn
            state.wakeUps[tenant] = ContinuousClock.now + turn.think
        }
    }

    /// Sends requests when they are due, to a few milliseconds.
    private func run() {
        while !state.withLock({ $0.isStopped }) {
            for (tenant, turn) in takeDueTurns() { ask(turn, tenant: tenant) }
            usleep(UInt32(timeToNextTurn().seconds * 1e6))
        }
    }

    private func takeDueTurns() -> [(Int, TenantSchedule.Turn)] {
        state.withLock { state in
            let now = ContinuousClock.now
            return state.wakeUps.indices.compactMap { tenant in
                guard let time = state.wakeUps[tenant], time <= now, let turn = state.turns[tenant] else {
                    return nil
                }
                state.wakeUps[tenant] = nil
                return (tenant, turn)
            }
        }
    }

    /// At most five milliseconds: an answer may end meanwhile, and its tenant's next request be due.
    private func timeToNextTurn() -> Duration {
        let next = state.withLock { $0.wakeUps.compactMap(\.self).min() }
        let rest = next.map { $0 - .now } ?? .milliseconds(5)
        return max(.microseconds(200), min(rest, .milliseconds(5)))
    }

    private func ask(_ turn: TenantSchedule.Turn, tenant: Int) {
        let message = ["role": "user", "content": turn.prompt]
        let system = ["role": "system", "content": "You are a helpful assistant."]
        let body = Body(model: turn.model, messages: [system, message], maximumTokens: turn.maximumTokens)
        do {
            let admitted = try admission.admit(ChatCompletionRequest(parsing: JSONText.encode(body)))
            for sequence in admitted.sequences {
                _ = try admitted.served.engine.submit(sequence) { [self] events in
                    if case .finished? = events.last?.event { think(tenant) }
                }
            }
        } catch {
            logger.debug("a tenant was refused", metadata: ["reason": "\(error)"])
            think(tenant)
        }
    }

    private struct Body: Encodable {
        let model: String
        let messages: [[String: String]]
        let maximumTokens: Int
        let temperature = 0

        enum CodingKeys: String, CodingKey {
            case model, messages, temperature
            case maximumTokens = "max_tokens"
        }
    }

    private static let storyRequests = [
        "Write a story about a kite and a frog.", "Tell me a story with a big red ball.",
        "Write a short story about a lost dog.", "Tell me about a girl who finds a key.",
        "Write a story in which it rains all day.", "Write a story about two friends and a boat.",
        "Tell me a story about a bear who wants honey.", "Write a sad story about a broken toy.",
        "Write a story about a magic tree.", "Tell me a story about a birthday cake.",
        "Write a story about a boy who is afraid of the dark.", "Write a funny story about a cat and a hat.",
        "Tell me a story about the moon.", "Write a story about a race between a rabbit and a car.",
        "Write a story with a surprise at the end.", "Tell me a story about a little bird that cannot fly.",
    ]
}
