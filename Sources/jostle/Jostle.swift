import ArgumentParser
import Server

/// The command line.
@main
struct Jostle: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jostle",
        abstract:
            "An OpenAI-compatible server for mixture-of-experts models in which requests compete for expert slots.",
        discussion: """
            Concurrent requests share routing groups with limited expert capacity, so that one request can change \
            another's completion even at temperature 0. Isolation stops that, per request, per model or per server.
            """,
        version: Service.version,
        subcommands: [Serve.self, ListModels.self, Inspect.self, Bench.self, Upcycle.self])
}
