import Catalog
import Engine
import ExpertRouting
import FoundationEssentials
import HTTP
import Logging
import Numerics
import Server

/// All settings of `jostle serve`, read and checked.
struct ServeSettings {
    /// Default minimum step time with tenants.
    ///
    /// Longer than a step takes on two cores, so that requests overlap equally on every machine.
    static let paceWithTenants = Pace(perStep: .milliseconds(2))

    var server = ServerOptions()
    let logLevel: Logger.Level
    let logFormat: LogFormat
    /// The source of each value.
    private(set) var findings: [SettingReader.Finding] = []

    init(_ command: Serve, reader: SettingReader) throws(CommandFailure) {
        var reader = reader
        logLevel = try reader.read(.logLevel, flag: command.address.logLevel, default: .info)
        logFormat = try reader.read(.logFormat, flag: command.address.logFormat, default: .text)
        try readAddress(command.address, &reader)
        try readAccess(command.access, &reader)
        try readModels(command.catalogue, command.models, &reader)
        try readEngine(command.engine, &reader)
        try readTenants(command.tenants, &reader)
        let pace = server.tenants.count > 0 ? Self.paceWithTenants : Pace()
        server.engine.pace = try reader.read(.pace, flag: command.engine.pace, default: pace)
        findings = reader.findings
    }

    private mutating func readAddress(
        _ flags: AddressFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) {
        server.http.host = try reader.read(.host, flag: flags.host, default: server.http.host)
        server.http.port = try reader.read(.port, flag: flags.port, default: server.http.port)
    }

    private mutating func readModels(
        _ path: CatalogueFlags, _ flags: ModelFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) {
        let catalogue = "the catalogue's"
        server.models = try Self.modelSource(path, &reader)
        server.isolation = try reader.read(.isolation, flag: flags.isolation, otherwise: catalogue)
        server.routing.preset = try reader.read(
            .routingPreset, flag: flags.routingPreset, otherwise: catalogue, must: .nameAPreset)
        server.routing.capacityFactor = try reader.read(
            .capacityFactor, flag: flags.capacityFactor, otherwise: catalogue, must: .bePositive)
        server.routing.groupSize = try reader.read(
            .groupSize, flag: flags.groupSize, otherwise: catalogue, must: .atLeast(1))
        server.numerics = try reader.read(.numerics, flag: flags.numerics, otherwise: catalogue)
        server.weightType = try reader.read(.dtype, flag: flags.dtype, otherwise: catalogue)
        server.kernels = try reader.read(.kernels, flag: flags.kernels, default: .best, must: .runHere)
    }

    /// The catalogue or the checkpoint, whichever comes from the stronger source.
    private static func modelSource(
        _ flags: CatalogueFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) -> ModelCatalog.Source {
        let models = try reader.read(
            .models, flag: flags.models, otherwise: "found by search", must: .notBeEmpty)
        let checkpoint = try reader.read(
            .checkpoint, flag: flags.checkpoint, otherwise: "none: a catalogue", must: .notBeEmpty)
        let name = try reader.read(.name, flag: flags.name, otherwise: "the checkpoint's", must: .notBeEmpty)
        let source = (models: reader.source(of: .models), checkpoint: reader.source(of: .checkpoint))
        if let checkpoint, source.checkpoint.rank < source.models.rank {
            return .checkpoint(checkpoint, name: name)
        }
        guard checkpoint == nil || source.checkpoint.rank != source.models.rank else {
            throw CommandFailure(
                source.checkpoint.failureStatus,
                "\(source.checkpoint.subject(.checkpoint)) and \(source.models.subject(.models)) exclude each other"
            )
        }
        guard name == nil || checkpoint != nil else {
            let source = reader.source(of: .name)
            throw CommandFailure(
                source.failureStatus,
                "\(source.subject(.name)) needs --checkpoint; a catalogue has its own names")
        }
        return .catalogue(try ModelsPath.resolve(models))
    }

    private mutating func readEngine(
        _ flags: EngineFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) {
        server.threads = try reader.read(
            .threads, flag: flags.threads, default: ProcessInfo.processInfo.activeProcessorCount,
            must: .atLeast(1))
        server.engine.maximumRunning = try reader.read(
            .maxRunning, flag: flags.maxRunning, default: server.engine.maximumRunning, must: .atLeast(1))
        server.engine.maximumQueued = try reader.read(
            .maxQueued, flag: flags.maxQueued, default: server.engine.maximumQueued, must: .atLeast(1))
        let timeout = try reader.read(
            .requestTimeout, flag: flags.requestTimeout, default: 0, must: .beSeconds)
        server.http.requestTimeout = timeout == 0 ? nil : .seconds(timeout)
        server.engine.stepTokens = try reader.read(
            .stepTokens, flag: flags.stepTokens, default: server.engine.stepTokens, must: .atLeast(1))
        server.engine.cacheBlocks = try reader.read(
            .cacheBlocks, flag: flags.cacheBlocks, otherwise: "as many as fit", must: .atLeast(1))
        server.engine.cachesPrefixes =
            try reader.read(.prefixCaching, flag: flags.prefixCaching, default: .on) == .on
    }

    private mutating func readTenants(
        _ flags: TenantFlags, _ reader: inout SettingReader
    ) throws(CommandFailure) {
        var tenants = server.tenants
        tenants.count = try reader.read(
            .tenants, flag: flags.tenants, default: tenants.count, must: .atLeast(0))
        tenants.think = try reader.read(
            .tenantThink, flag: flags.tenantThink, default: tenants.think, must: .atLeast(0))
        tenants.seed = try reader.read(.tenantSeed, flag: flags.tenantSeed, default: tenants.seed)
        let models = try reader.read(
            .tenantModels, flag: flags.tenantModels, otherwise: "chat models with experts")
        tenants.models = models?.names ?? []
        if let path = try reader.read(.tenantPrompts, flag: flags.tenantPrompts, otherwise: "story requests")
        {
            tenants.prompts = try Self.prompts(in: path)
        }
        tenants.maximumTokens = try reader.read(
            .tenantMaxTokens, flag: flags.tenantMaxTokens, default: TokenRange(tenants.maximumTokens)
        ).bounds
        server.tenants = tenants
    }

    private static func prompts(in path: String) throws(CommandFailure) -> [String] {
        let text = try text(of: path, holding: "one prompt per line")
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard !lines.isEmpty else {
            throw CommandFailure(
                .configuration, "\(path): contains no prompt; it must have one per line")
        }
        return lines
    }

    static func text(of path: String, holding what: String) throws(CommandFailure) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.missingInput, "\(path): cannot be read; it must contain \(what)")
        }
        return String(decoding: data, as: UTF8.self)
    }
}

extension Requirement where Value == String {
    fileprivate static var notBeEmpty: Requirement {
        Requirement { $0.isEmpty ? "it must not be empty" : nil }
    }

    fileprivate static var nameAPreset: Requirement {
        Requirement { name in
            guard RoutingRule.preset(named: name) == nil else { return nil }
            return "it must be one of \(RoutingRule.presets.map(\.name).joined(separator: ", "))"
        }
    }
}

extension Requirement where Value == Double {
    fileprivate static var beSeconds: Requirement {
        Requirement { (0...1_000_000).contains($0) ? nil : "it must be 0 to 1000000 seconds" }
    }

    fileprivate static var bePositive: Requirement {
        Requirement {
            $0 > 0 && $0.isFinite
                ? nil : "it must be a finite number above 0; to drop nothing, use --isolation dropless"
        }
    }
}

extension Requirement where Value == KernelSet {
    fileprivate static var runHere: Requirement {
        Requirement { kernels in
            guard !kernels.isSupported else { return nil }
            let supported = KernelSet.allCases.filter(\.isSupported).map(\.rawValue).joined(separator: ", ")
            return "this processor supports \(supported)"
        }
    }
}
