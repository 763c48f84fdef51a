import Engine
import Transformer

extension ServedModel {
    /// How much room the engine has, as OpenAI's rate-limit headers.
    ///
    /// `1s` is a guess, as in `Retry-After`: when room becomes free depends on what others generate.
    var loadHeaders: [(name: String, value: String)] {
        let occupancy = metrics.current.occupancy ?? engine.emptyOccupancy
        let places = engine.options.sizes.maximumQueued + engine.options.sizes.maximumRunning
        let taken = min(places, engine.queued + occupancy.running)
        let tokens = occupancy.totalBlocks * ModelRunner.blockSize
        let free = occupancy.freeBlocks * ModelRunner.blockSize
        return [
            ("x-ratelimit-limit-requests", "\(places)"),
            ("x-ratelimit-remaining-requests", "\(places - taken)"),
            ("x-ratelimit-reset-requests", taken == 0 ? "0s" : "1s"),
            ("x-ratelimit-limit-tokens", "\(tokens)"),
            ("x-ratelimit-remaining-tokens", "\(free)"),
            ("x-ratelimit-reset-tokens", free == tokens ? "0s" : "1s"),
        ]
    }
}
