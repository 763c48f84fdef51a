/// A setting of `jostle serve`.
///
/// Flag, environment variable and configuration file use the same name.
enum SettingKey: String, CaseIterable {
    case host
    case port
    case apiKey = "api-key"
    case apiKeyFile = "api-key-file"
    case tlsCert = "tls-cert"
    case tlsKey = "tls-key"
    case corsOrigin = "cors-origin"
    case models
    case checkpoint
    case name
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

    /// The flag, such as `--capacity-factor`.
    var flag: String { "--\(rawValue)" }

    /// The environment variable, such as `JOSTLE_CAPACITY_FACTOR`.
    var environmentVariable: String {
        Self.environmentPrefix + String(rawValue.map { $0 == "-" ? "_" : $0 }).uppercased()
    }

    static let environmentPrefix = "JOSTLE_"
    /// Path of the configuration file; cannot be set in that file.
    static let configVariable = environmentPrefix + "CONFIG"
    /// The folder where scripts keep what they download and make.
    static let cacheVariable = environmentPrefix + "CACHE"
}
