import ArgumentParser
import Engine
import ExpertRouting
import Numerics
import Transformer

/// The command `jostle bench`.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure how fast a checkpoint runs: prefill, and decode by batch size.",
        discussion: """
            Runs the engine alone, without HTTP, on random prompts. A figure is the median over its rounds; compare figures of \
            one run only.

            EXAMPLES:
              jostle bench                                   the starter checkpoint
              jostle bench --batches 1,8,32 --isolation per-sequence
              jostle bench --checkpoint ~/models/mixtral-tiny --numerics blas
            """)

    @Option(help: ArgumentHelp("A checkpoint's folder. (default: Models/starter-moe)", valueName: "folder"))
    var checkpoint: String?

    @Option(help: ArgumentHelp("Sequences decoded together, with commas.", valueName: "sizes"))
    var batches = NumberList(values: [1, 2, 4, 8, 16, 32])

    @Option(help: ArgumentHelp("Tokens of each prompt.", valueName: "count"))
    var promptTokens = 64

    @Option(help: ArgumentHelp("Decode steps timed in each round.", valueName: "count"))
    var steps = 64

    @Option(help: ArgumentHelp("Rounds.", valueName: "count"))
    var rounds = 5

    @Option(help: ArgumentHelp("cross-sequence, per-sequence or dropless.", valueName: "mode"))
    var isolation = Isolation.crossSequence

    @Option(help: ArgumentHelp("invariant or blas.", valueName: "mode"))
    var numerics = NumericsMode.invariant

    @Option(help: ArgumentHelp("Instruction set of the invariant kernels.", valueName: "set"))
    var kernels = KernelSet.best

    func validate() throws {
        guard promptTokens > 0, steps > 0, rounds > 0 else {
            throw ValidationError("--prompt-tokens, --steps and --rounds must be at least 1")
        }
        guard kernels.isSupported else {
            throw ValidationError("this processor cannot run the \(kernels.rawValue) kernels")
        }
    }

    func run() throws {
        try CommandFailure.reporting { () throws(CommandFailure) in
            var folder = checkpoint ?? ""
            if folder.isEmpty { folder = try ModelsPath.resolve(nil) + "/starter-moe" }
            let model: Model
            do throws(CheckpointError) {
                model = try Model(folder: folder, numerics: numerics, kernels: Kernels(kernels))
            } catch {
                throw CommandFailure(.missingInput, error.description)
            }
            guard promptTokens + steps < model.config.maximumPositions else {
                throw CommandFailure(
                    .usage,
                    "a prompt of \(promptTokens) tokens and \(steps) steps need more than the \(model.config.maximumPositions) positions of \(folder)"
                )
            }
            try measure(model, folder: folder)
        }
    }

    private func measure(_ model: Model, folder: String) throws(CommandFailure) {
        write(
            "\(folder): \(numerics.rawValue), \(isolation.rawValue), \(kernels.rawValue) kernels, prompts of \(promptTokens) tokens\n",
            to: .output)
        write("batch  prefill tokens/s  decode tokens/s  decode ms/step\n", to: .output)
        for batch in batches.values {
            var prefill: [Double] = []
            var decode: [Double] = []
            for round in 0..<rounds {
                let times = try run(model, batch: batch, seed: round)
                prefill.append(times.prefill)
                decode += times.decode
            }
            let step = decode.median
            let columns = [
                "\(batch)".padding(toLength: 5),
                "\(Int(Double(batch * promptTokens) / prefill.median))"
                    .padding(toLength: 16), "\(Int(Double(batch) / step))".padding(toLength: 15),
                "\((step * 1e6).rounded() / 1e3)",
            ]
            write(columns.joined(separator: "  ") + "\n", to: .output)
        }
    }

    /// Seconds of all prefill steps together, and of each decode step.
    private func run(
        _ model: Model, batch: Int, seed: Int
    ) throws(CommandFailure) -> (prefill: Double, decode: [Double]) {
        var options = EngineOptions(contextLength: promptTokens + steps + 1)
        options.maximumRunning = batch
        options.stepTokens = RoutingRule.defaultGroupSize + max(batch, 256)
        var engine = BatchEngine(model: model, options: options)
        for index in 0..<batch {
            engine.submit(
                try request(seed: seed * 1_000 + index, model: model, contextLength: options.contextLength),
                as: SequenceID(rawValue: UInt64(index)), under: .default)
        }
        var prefill = 0.0
        var decode: [Double] = []
        while !engine.isIdle {
            let start = ContinuousClock.now
            let step = engine.step()
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            if step.promptTokens > 0 { prefill += elapsed } else { decode.append(elapsed) }
        }
        return (prefill, decode)
    }

    private func request(
        seed: Int, model: Model, contextLength: Int
    ) throws(CommandFailure) -> GenerationRequest {
        let size = model.config.vocabularySize
        let prompt = (0..<promptTokens).map { TokenID((seed &* 7_919 &+ $0 &* 104_729) % size) }
        do throws(InvalidRequest) {
            return try GenerationRequest(
                prompt: prompt, maximumTokens: steps + 1, sampling: Sampling(temperature: 0),
                isolation: isolation,
                limits: EngineLimits(contextLength: contextLength, vocabularySize: size))
        } catch {
            throw CommandFailure(.usage, "the prompt is impossible: \(error)")
        }
    }
}

extension [Double] {
    /// The middle value; of two, the larger.
    fileprivate var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
