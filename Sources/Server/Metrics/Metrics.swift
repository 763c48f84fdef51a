import Engine
import OpenAI
import Threads

/// Totals over one engine's record, for `GET /metrics`.
final class EngineMetrics: Sendable {
    struct Totals: Sendable {
        var steps = 0
        var promptTokens = 0
        var generatedTokens = 0
        var assignments = 0
        var droppedAssignments = 0
        var mixedGroups = 0
        var preemptions = 0
        var prefixQueries = 0
        var prefixHits = 0
        var stepTokens = Histogram([1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096])
        var stepSeconds = Histogram([
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
        ])
        var occupancy: EngineOccupancy?

        fileprivate mutating func add(_ step: Step, elapsed: Duration) {
            steps += 1
            stepTokens.observe(Double(step.promptTokens + step.generatedTokens))
            stepSeconds.observe(elapsed.seconds)
            promptTokens += step.promptTokens
            generatedTokens += step.emissions.count { if case .token = $0.event { true } else { false } }
            assignments += step.assignments
            droppedAssignments += step.droppedAssignments
            mixedGroups += step.mixedGroups
            preemptions += step.preemptions
            prefixQueries += step.prefixQueries
            prefixHits += step.prefixHits
        }
    }

    /// The first model that the engine serves; its samples have this label.
    let name: String
    private let totals = Locked(Totals())

    init(name: String) {
        self.name = name
    }

    /// The engine is there, and has nothing to do.
    func begin(with occupancy: EngineOccupancy) {
        totals.withLock { $0.occupancy = $0.occupancy ?? occupancy }
    }

    func take(_ record: EngineRecord) {
        totals.withLock { totals in
            if let step = record.step { totals.add(step, elapsed: record.elapsed) }
            totals.occupancy = record.occupancy
        }
    }

    var current: Totals { totals.withLock { $0 } }
}

/// Latencies and sizes of requests, by model.
final class RequestMetrics: Sendable {
    struct Totals: Sendable {
        private static let seconds = [
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
        ]

        /// Choices that have ended, by finish reason; also `abort` (the client left) and `timeout`.
        var finished: [String: Int] = [:]
        var timeToFirstToken = Histogram(seconds)
        var interTokenLatency = Histogram(seconds)
        var latency = Histogram(seconds)
        /// From when a token is sampled until its bytes are in the socket.
        var tokenDelivery = Histogram([
            0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007, 0.0008, 0.0009, 0.001, 0.00125, 0.0015,
            0.002,
            0.003, 0.005, 0.01, 0.025, 0.1, 1,
        ])
        var promptTokens = Histogram([1, 8, 16, 32, 64, 128, 256, 512, 1024, 4096])
        var generationTokens = Histogram([1, 8, 16, 32, 64, 128, 256, 512, 1024, 4096])
    }

    private let totals = Locked<[String: Totals]>([:])

    private func change(_ model: String, _ body: (inout Totals) -> Void) {
        totals.withLock { body(&$0[model, default: Totals()]) }
    }

    func token(
        _ model: String, since last: ContinuousClock.Instant?, arrival: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) {
        change(model) { totals in
            if let last {
                totals.interTokenLatency.observe((now - last).seconds)
            } else {
                totals.timeToFirstToken.observe((now - arrival).seconds)
            }
        }
    }

    func sent(_ model: String, after times: [Duration]) {
        change(model) { totals in
            for time in times { totals.tokenDelivery.observe(time.seconds) }
        }
    }

    func completed(_ model: String, reasons: [String], usage: Usage, latency: Duration) {
        change(model) { totals in
            for reason in reasons { totals.finished[reason, default: 0] += 1 }
            totals.latency.observe(latency.seconds)
            totals.promptTokens.observe(Double(usage.promptTokens))
            totals.generationTokens.observe(Double(usage.completionTokens))
        }
    }

    /// Choices ended early: `timeout` or `abort`.
    func broken(_ model: String, choices: Int, reason: String) {
        change(model) { $0.finished[reason, default: 0] += choices }
    }

    /// Sorted by model.
    var current: [(model: String, totals: Totals)] {
        totals.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
