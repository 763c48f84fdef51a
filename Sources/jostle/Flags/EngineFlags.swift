import ArgumentParser
import Engine

/// How much runs at a time.
struct EngineFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Threads that work on a step; the bits do not depend on it. (default: one for each processor)
            """, valueName: "count"))
    var threads: Int?

    @Option(help: ArgumentHelp("Sequences per step, at most. (default: 64)", valueName: "count"))
    var maxRunning: Int?

    @Option(
        help: ArgumentHelp(
            "Sequences waiting for an engine, at most; beyond it requests are refused with 503. (default: 1024)",
            valueName: "count"))
    var maxQueued: Int?

    @Option(
        help: ArgumentHelp(
            "Time a request may take; one that takes longer is ended with 504. (default: 0, as long as it takes)",
            valueName: "seconds"))
    var requestTimeout: Double?

    @Option(help: ArgumentHelp("Tokens per step, at most. (default: 512)", valueName: "count"))
    var stepTokens: Int?

    @Option(
        help: ArgumentHelp(
            """
            KV-cache blocks of 16 positions for each engine. (default: full contexts for --max-running sequences, \
            within 1 GiB)
            """, valueName: "count"))
    var cacheBlocks: Int?

    @Option(
        help: ArgumentHelp(
            """
            Whether a prompt may begin with keys and values that another one left, where they are bitwise its own: \
            on or off. (default: on)
            """, valueName: "switch"))
    var prefixCaching: Switch?

    @Option(
        help: ArgumentHelp(
            """
            The least time a step takes, and each of its tokens: 5ms or 5ms,0.1ms. (default: 0ms; 2ms with tenants, \
            so that how much they overlap does not depend on the machine)
            """, valueName: "time"))
    var pace: Pace?
}
