/// What `jostle serve` can be told, by the name that its flag, its environment variable and its line in a
/// configuration file share.
enum SettingKey: String, CaseIterable {
    case host
    case port
    case apiKey = "api-key"
    case apiKeyFile = "api-key-file"
    case tlsCert = "tls-cert"
    case tlsKey = "tls-key"
    case corsOrigin = "cors-origin"
    case models
    case isolation
    case routingPreset = "routing-preset"
    case capacityFactor = "capacity-factor"
    case groupSize = "group-size"
    case numerics
    case dtype
    case kernels
    case threads
    case maxRunning = "max-running"
    case maxQueued = "max-queued"
    case requestTimeout = "request-timeout"
    case stepTokens = "step-tokens"
    case cacheBlocks = "cache-blocks"
    case prefixCaching = "prefix-caching"
    case pace
    case tenants
    case tenantThink = "tenant-think"
    case tenantSeed = "tenant-seed"
    case tenantModels = "tenant-models"
    case tenantPrompts = "tenant-prompts"
    case tenantMaxTokens = "tenant-max-tokens"
    case logLevel = "log-level"
    case logFormat = "log-format"

    /// Its flag, such as `--capacity-factor`.
    var flag: String { "--\(rawValue)" }

    /// Its environment variable, such as `JOSTLE_CAPACITY_FACTOR`.
    var environmentVariable: String {
        Self.environmentPrefix + String(rawValue.map { $0 == "-" ? "_" : $0 }).uppercased()
    }

    static let environmentPrefix = "JOSTLE_"
    /// Names the configuration file; so it can't stand in one.
    static let configVariable = environmentPrefix + "CONFIG"
}
