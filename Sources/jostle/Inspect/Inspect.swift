import ArgumentParser
import Catalog
import FoundationEssentials
import Numerics
import Transformer

/// The command `jostle inspect`.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a checkpoint is, what serving it takes, and whether it can be served.",
        discussion: """
            Reads the checkpoint's documents and the headers of its weights, not the weights: NaN and infinite weights \
            are found when they are loaded.

            EXIT STATUS: 0 the checkpoint can be served, 65 it cannot (the reasons are printed), 66 there is no such \
            checkpoint.

            EXAMPLES:
              jostle inspect Models/story-moe
              jostle inspect --json ~/models/mixtral           for programs
              jostle inspect --dtype int8 ~/models/qwen3-moe   with weights packed as int8
              jostle inspect model.gguf                        a GGUF file
              jostle inspect Qwen/Qwen3-0.6B                   from the Hugging Face cache
              jostle inspect qwen3:0.6b                        from Ollama's store
            """)

    @Argument(help: ArgumentHelp("\(CatalogueFlags.checkpointHelp).", valueName: "checkpoint"))
    var checkpoint: String

    @Option(help: ArgumentHelp(NumericsMode.help, valueName: "mode"))
    var numerics = NumericsMode.invariant

    @Option(help: ArgumentHelp(WeightType.help, valueName: "type"))
    var dtype = WeightType.auto

    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() throws {
        try CommandFailure.reporting { () throws(CommandFailure) in
            let path = try CheckpointWord.find(checkpoint).path
            let report = InspectReport(
                Inspection(checkpoint: path, numerics: numerics, weightType: dtype), weightType: dtype)
            write(json ? try encoded(report) : report.text, to: .output)
            guard report.isServable else {
                throw CommandFailure(
                    .unservable,
                    "\(path): cannot be served, for \(report.problems.count) reason"
                        + (report.problems.count == 1 ? "" : "s"))
            }
        }
    }

    private func encoded(_ report: InspectReport) throws(CommandFailure) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(report) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
