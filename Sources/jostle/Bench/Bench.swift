import ArgumentParser
import Catalog
import ExpertRouting
import FoundationEssentials
import Numerics
import Threads
import Transformer

/// The command `jostle bench`.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast a checkpoint runs: prefill, and decode by batch size.",
        discussion: """
            Runs the engine alone, without HTTP, on random prompts, and first measures what this machine could do at \
            best. The roofline is the time in which a decode step could read every byte it must, or do every operation \
            it must, whichever takes longer. A figure is the median over its rounds; compare figures of one run only.

            EXAMPLES:
              jostle bench                                   the sparse story model
              jostle bench --batches 1,8,32 --isolation per-sequence
              jostle bench --checkpoint ~/models/mixtral-tiny --numerics blas
              jostle bench --checkpoint ~/models/mixtral-tiny --dtype int8
              jostle bench --checkpoint model.gguf
            """)

    @Option(
        help: ArgumentHelp(
            "\(CatalogueFlags.checkpointHelp). (default: Models/story-moe)", valueName: "checkpoint"))
    var checkpoint: String?

    @Option(help: ArgumentHelp("Sequences decoded together, with commas.", valueName: "sizes"))
    var batches = NumberList(values: [1, 2, 4, 8, 16, 32, 64])

    @Option(help: ArgumentHelp("Tokens of each prompt.", valueName: "count"))
    var promptTokens = 64

    @Option(help: ArgumentHelp("Decode steps timed in each round.", valueName: "count"))
    var steps = 64

    @Option(help: ArgumentHelp("Rounds.", valueName: "count"))
    var rounds = 5

    @Option(help: ArgumentHelp("cross-sequence, per-sequence or dropless.", valueName: "mode"))
    var isolation = Isolation.crossSequence

    @Option(help: ArgumentHelp(NumericsMode.help, valueName: "mode"))
    var numerics = NumericsMode.invariant

    @Option(help: ArgumentHelp(WeightType.help, valueName: "type"))
    var dtype = WeightType.auto

    @Option(help: ArgumentHelp("Instruction set of the invariant kernels.", valueName: "set"))
    var kernels = KernelSet.best

    @Option(
        help: ArgumentHelp(
            "Threads that work on a step. (default: one for each processor)", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    func validate() throws {
        guard promptTokens > 0, steps > 0, rounds > 0, threads > 0 else {
            throw ValidationError("--prompt-tokens, --steps, --rounds and --threads must be at least 1")
        }
        guard kernels.isSupported else {
            throw ValidationError("this processor cannot run the \(kernels.rawValue) kernels")
        }
    }

    func run() throws {
        try CommandFailure.reporting { () throws(CommandFailure) in
            let word =
                if let checkpoint { checkpoint } else { try ModelsPath.resolve(nil) + "/story-moe" }
            let found = try CheckpointWord.find(word)
            let workers = WorkerPool(threadCount: threads)
            let model: Model
            do throws(CheckpointError) {
                model = try Model(
                    checkpoint: found.path, numerics: numerics, weightType: dtype, kernels: Kernels(kernels),
                    workers: workers)
            } catch {
                throw CommandFailure(.missingInput, error.description)
            }
            guard promptTokens + steps < model.config.maximumPositions else {
                throw CommandFailure(
                    .usage,
                    "a prompt of \(promptTokens) tokens and \(steps) steps need more than the \(model.config.maximumPositions) positions of \(found.label)"
                )
            }
            try measure(model, label: found.label, workers: workers)
        }
    }

    private func measure(
        _ model: Model, label: String, workers: WorkerPool
    ) throws(CommandFailure) {
        let run = BenchRun(
            model: model, workers: workers, isolation: isolation, promptTokens: promptTokens, steps: steps,
            rounds: rounds)
        let limits = MachineLimits.measure(kernels: model.kernels, workers: workers)
        var report = BenchReport(run, checkpoint: label, limits: limits)
        if !json { write(report.heading, to: .output) }
        for batch in batches.values {
            let result = try run.result(batch: batch)
            report.add(result)
            if !json { write(report.line(result), to: .output) }
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            guard let data = try? encoder.encode(report) else { return }
            write(String(decoding: data, as: UTF8.self) + "\n", to: .output)
        } else {
            write(report.phases, to: .output)
        }
    }
}
