import ArgumentParser

/// Synthetic background traffic.
struct TenantFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Simulated clients that ask, read, think and ask again. (default: 0)", valueName: "count"))
    var tenants: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds a tenant thinks between requests, on average. (default: 1)", valueName: "seconds"))
    var tenantThink: Double?

    @Option(help: ArgumentHelp("Decides what the tenants ask and when. (default: 1)", valueName: "number"))
    var tenantSeed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Whom they ask, with commas. (default: every chat model with experts)", valueName: "names"))
    var tenantModels: NameList?

    @Option(
        help: ArgumentHelp(
            "What they ask: a file with a prompt on each line. (default: story requests)", valueName: "file"))
    var tenantPrompts: String?

    @Option(
        help: ArgumentHelp(
            "Tokens they ask for, drawn from a range. (default: 32-192)", valueName: "low-high"))
    var tenantMaxTokens: TokenRange?
}
