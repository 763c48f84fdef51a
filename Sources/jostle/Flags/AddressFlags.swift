import ArgumentParser
import Logging

/// Address, configuration file and log.
struct AddressFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The address to listen on. (default: 127.0.0.1)", valueName: "address"))
    var host: String?

    @Option(
        help: ArgumentHelp("The port to listen on; 0 picks a free one. (default: 8080)", valueName: "number")
    )
    var port: UInt16?

    @Option(
        help: ArgumentHelp(
            """
            A YAML file of settings, with the names of the flags: 'capacity-factor: 1.25'. Flags override \
            environment variables (JOSTLE_CAPACITY_FACTOR), which override the file.
            """, valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Minimum log level. debug also logs every setting and its source. (default: info)",
            valueName: "level"))
    var logLevel: Logger.Level?

    @Option(
        help: ArgumentHelp(
            "Log format on standard error: text or json. (default: text)", valueName: "format"))
    var logFormat: LogFormat?
}
