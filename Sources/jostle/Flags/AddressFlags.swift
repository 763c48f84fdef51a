import ArgumentParser
import Logging

/// Where the server listens, and what it says.
struct AddressFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The address to listen on. (default: 127.0.0.1)", valueName: "address"))
    var host: String?

    @Option(
        help: ArgumentHelp("The port; 0 picks a free one and prints it. (default: 8080)", valueName: "number")
    )
    var port: UInt16?

    @Option(
        help: ArgumentHelp(
            """
            A YAML file of settings, named as the flags are: 'capacity-factor: 1.25'. A flag wins over the \
            environment (JOSTLE_CAPACITY_FACTOR), and that over the file.
            """, valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "What to log; debug shows where each setting came from. (default: info)", valueName: "level"))
    var logLevel: Logger.Level?

    @Option(
        help: ArgumentHelp(
            "How to log: text or json, on standard error. (default: text)", valueName: "format"))
    var logFormat: LogFormat?
}
