import ArgumentParser
import Catalog
import FoundationEssentials
import HTTP
import Logging
import Server
import Threads

/// The command `jostle serve`.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the models of a catalogue, or a single checkpoint.",
        discussion: """
            Prints 'listening on http://…' on standard output. On SIGTERM or SIGINT, requests in flight have 30 \
            seconds to finish. A second signal ends the server at once.

            EXAMPLES:
              jostle serve                          idle: equal requests get equal answers
              jostle serve --tenants 8              busy: neighbours change answers
              jostle serve --tenants 8 --isolation per-sequence
                                                    busy, but answers do not change
              jostle serve --checkpoint ~/models/qwen3-moe
                                                    a folder in Hugging Face layout
              jostle serve --checkpoint model.gguf --name gpt-4
                                                    a GGUF file, under another name
              jostle serve --checkpoint Qwen/Qwen3-0.6B
                                                    from the Hugging Face cache
              jostle serve --checkpoint qwen3:0.6b  from Ollama's store
              jostle serve --port 0                 on a free port
              jostle serve --host 0.0.0.0 --api-key-file keys.txt --tls-cert cert.pem --tls-key key.pem
                                                    for the network
              JOSTLE_PORT=9000 jostle serve --config jostle.yaml

            A request can choose its isolation: model 'gpt-4:per-sequence', or the field "isolation" in its body.

            EXIT STATUS: 0 after a graceful stop, 64 wrong usage, 65 a checkpoint is not supported, 66 a file or a \
            checkpoint is missing or unreadable, 69 the address is in use, 78 an invalid environment variable, configuration file, catalogue, key file or certificate.
            """)

    /// How long requests in flight may take to finish.
    private static let drain = Duration.seconds(30)

    @OptionGroup(title: "Models and routing") var catalogue: CatalogueFlags
    @OptionGroup(title: "Models and routing") var models: ModelFlags
    @OptionGroup(title: "Background traffic") var tenants: TenantFlags
    @OptionGroup(title: "Engine") var engine: EngineFlags
    @OptionGroup(title: "Server") var address: AddressFlags
    @OptionGroup(title: "Access") var access: AccessFlags

    func run() throws {
        try CommandFailure.reporting { () throws(CommandFailure) in try serve() }
    }

    private func serve() throws(CommandFailure) {
        TerminationSignals.install()
        let environment = ProcessInfo.processInfo.environment
        var file: ConfigFile?
        if let path = address.config ?? environment[SettingKey.configVariable] {
            file = try ConfigFile(contentsOf: path)
        }
        let reader = SettingReader(environment: environment, file: file)
        let settings = try ServeSettings(self, reader: reader)
        let logger = Logger(label: "jostle") { _ in
            StandardErrorLog(format: settings.logFormat, logLevel: settings.logLevel)
        }
        tell(settings, strayVariables: reader.strayVariables, logger: logger)
        try run(settings, logger: logger)
    }

    private func tell(_ settings: ServeSettings, strayVariables: [String], logger: Logger) {
        for variable in strayVariables {
            logger.warning(
                "unknown JOSTLE_ environment variable; see jostle serve --help",
                metadata: ["variable": "\(variable)"])
        }
        for finding in settings.findings {
            logger.debug(
                "setting",
                metadata: [
                    "name": "\(finding.key.rawValue)", "value": "\(finding.value)",
                    "source": "\(finding.source)",
                ])
        }
    }

    /// Serves until a signal arrives.
    private func run(_ settings: ServeSettings, logger: Logger) throws(CommandFailure) {
        do throws(ServiceError) {
            let service = try Service(settings.server, logger: logger)
            try service.listen()
            var signal = try load(service)
            if signal == nil {
                let url = Self.url(settings.server.http, port: service.port)
                write("listening on \(url)\n", to: .output)
                greet(at: url, settings, service.catalogue, logger: logger)
                signal = TerminationSignals.wait()
            }
            logger.notice(
                "stopping: waiting for requests in flight", metadata: ["signal": "\(signal ?? 0)"])
            service.stop(deadline: Self.drain)
            logger.notice("stopped")
        } catch {
            let status: CommandFailure.Status =
                switch error.kind {
                case .configuration: .configuration
                case .missingCheckpoint: .missingInput
                case .unservableCheckpoint: .unservable
                case .address: .unavailable
                }
            throw CommandFailure(status, error.description)
        }
    }

    /// Loads the models on another thread.
    ///
    /// If a signal arrives meanwhile, returns its number.
    private func load(_ service: Service) throws(ServiceError) -> Int32? {
        let outcome = Locked<ServiceError?>(nil)
        startThread {
            do throws(ServiceError) {
                try service.load()
            } catch {
                outcome.withLock { $0 = error }
            }
            TerminationSignals.wake()
        }
        if let signal = TerminationSignals.wait() { return signal }
        guard let error = outcome.withLock({ $0 }) else { return nil }
        service.stop(deadline: .zero)
        throw error
    }

    /// Puts an IPv6 address in brackets.
    private static func url(_ options: HTTPOptions, port: UInt16) -> String {
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        return "\(options.tls == nil ? "http" : "https")://\(host):\(port)"
    }

    private func greet(
        at url: String, _ settings: ServeSettings, _ catalogue: ModelCatalog, logger: Logger
    ) {
        switch settings.logFormat {
        case .json: logger.notice("listening", metadata: ["url": "\(url)"])
        case .text:
            write(Banner(url: url, settings: settings, entries: catalogue.entries).text, to: .error)
        }
    }
}
