import ExpertRouting
import Traffic

/// The requests of one tenant: the same for the same seed.
struct TenantSchedule {
    struct Turn: Sendable, Hashable {
        let think: Duration
        let model: String
        let prompt: String
        let maximumTokens: Int
    }

    private let options: TenantOptions
    private var source: TrafficSource<SplitMix64>

    init(_ options: TenantOptions, tenant: Int) {
        self.options = options
        let seed = SplitMix64.bits(seed: options.seed, count: tenant)
        source = TrafficSource(
            TrafficProfile(
                meanThink: UInt64(min(options.think, 1e9) * 1e6), modelCount: options.models.count,
                promptCount: options.prompts.count, lengths: options.maximumTokens),
            generator: SplitMix64(seed: seed))
    }

    mutating func next() -> Turn {
        let turn = source.next()
        return Turn(
            think: .microseconds(Int64(min(turn.think, Self.longestThink))),
            model: options.models.isEmpty ? "" : options.models[turn.model],
            prompt: options.prompts.isEmpty ? "" : options.prompts[turn.prompt],
            maximumTokens: turn.length)
    }

    /// One hour, in microseconds.
    private static let longestThink: UInt64 = 3_600_000_000
}
