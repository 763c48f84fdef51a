import ArgumentParser
import Engine

/// Sizes and pace of the engines.
struct EngineFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Threads per step. Results do not depend on it. (default: one per processor)
            """, valueName: "count"))
    var threads: Int?

    @Option(help: ArgumentHelp("Maximum sequences per step. (default: 64)", valueName: "count"))
    var maxRunning: Int?

    @Option(
        help: ArgumentHelp(
            "Maximum waiting sequences per engine. Further requests get 503. (default: 1024)",
            valueName: "count"))
    var maxQueued: Int?

    @Option(
        help: ArgumentHelp(
            "Time limit of a request; when it runs out, the request ends with 504. (default: 0, no limit)",
            valueName: "seconds"))
    var requestTimeout: Double?

    @Option(help: ArgumentHelp("Maximum tokens per step. (default: 512)", valueName: "count"))
    var stepTokens: Int?

    @Option(
        help: ArgumentHelp(
            """
            KV-cache blocks per engine, of 16 positions each. (default: enough for --max-running full contexts, at \
            most 1 GiB)
            """, valueName: "count"))
    var cacheBlocks: Int?

    @Option(
        help: ArgumentHelp(
            """
            Whether prompts reuse cached keys and values of earlier prompts with the same beginning, where the bits \
            are equal: on or off. (default: on)
            """, valueName: "switch"))
    var prefixCaching: Switch?

    @Option(
        help: ArgumentHelp(
            """
            Minimum duration of a step, and optionally of each token in it: 5ms or 5ms,0.1ms. (default: 0ms; with \
            tenants 2ms, which makes overlap independent of the machine's speed)
            """, valueName: "time"))
    var pace: Pace?
}
