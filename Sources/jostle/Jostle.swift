import ArgumentParser
import Server

/// The command line.
@main
struct Jostle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jostle",
        abstract:
            "An OpenAI-compatible batch-inference server in which strangers' tokens jostle for expert slots.",
        discussion: """
            Concurrent requests share routing groups of limited expert capacity, so that one completion changes \
            another at temperature 0. An isolation switch stops that, by request, by model or by server.
            """,
        version: Service.version,
        subcommands: [Serve.self, ListModels.self, Inspect.self, Bench.self])
}
