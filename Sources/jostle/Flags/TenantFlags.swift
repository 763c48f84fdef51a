import ArgumentParser

/// Synthetic background traffic.
struct TenantFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Number of simulated clients. Each sends a request, reads the answer, pauses and repeats. (default: 0)",
            valueName: "count"))
    var tenants: Int?

    @Option(
        help: ArgumentHelp(
            "Average pause of a tenant between requests, in seconds. (default: 1)", valueName: "seconds"))
    var tenantThink: Double?

    @Option(help: ArgumentHelp("Seed of the tenants' requests and pauses. (default: 1)", valueName: "number"))
    var tenantSeed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Models that tenants use, comma-separated. (default: every chat model with experts)",
            valueName: "names"))
    var tenantModels: NameList?

    @Option(
        help: ArgumentHelp(
            "A file of prompts for tenants, one per line. (default: story requests)", valueName: "file"))
    var tenantPrompts: String?

    @Option(
        help: ArgumentHelp(
            "Range that max_tokens of each request is drawn from. (default: 32-192)", valueName: "low-high"))
    var tenantMaxTokens: TokenRange?
}
