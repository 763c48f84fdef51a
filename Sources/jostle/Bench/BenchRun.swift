import Engine
import ExpertRouting
import Threads
import Tokenizers
import Transformer

/// Times the engine alone, on random prompts.
struct BenchRun {
    /// What one batch size gave.
    struct Result: Encodable {
        let batch: Int
        let prefillTokensPerSecond: Double
        let decodeTokensPerSecond: Double
        let decodeSecondsPerStep: Double
        /// What a decode step has to read and to do, on average.
        let bytesPerStep: Double
        let operationsPerStep: Double
        /// Seconds of a decode step, by phase, on average.
        let phases: [String: Double]
    }

    let model: Model
    let workers: WorkerPool
    let isolation: Isolation
    let promptTokens: Int
    let steps: Int
    let rounds: Int

    func result(batch: Int) throws(CommandFailure) -> Result {
        var prefill: [Double] = []
        var decode = DecodeSteps()
        for round in 0..<rounds {
            prefill.append(try run(batch: batch, seed: round, &decode))
        }
        let step = decode.seconds.median
        return Result(
            batch: batch, prefillTokensPerSecond: Double(batch * promptTokens) / prefill.median,
            decodeTokensPerSecond: Double(batch) / step, decodeSecondsPerStep: step,
            bytesPerStep: Double(decode.bytes) / Double(decode.seconds.count),
            operationsPerStep: Double(decode.operations) / Double(decode.seconds.count),
            phases: decode.phases)
    }

    /// Runs one batch to its end; seconds of all prefill steps together.
    private func run(
        batch: Int, seed: Int, _ decode: inout DecodeSteps
    ) throws(CommandFailure) -> Double {
        var options = EngineOptions(contextLength: promptTokens + steps + 1)
        options.sizes.maximumRunning = batch
        options.sizes.stepTokens = max(RoutingRule.defaultGroupSize + batch, 512)
        let clock = PhaseClock()
        let cost = model.cost
        var engine = BatchEngine(model: model, options: options, workers: workers, clock: clock)
        for index in 0..<batch {
            engine.apply(
                .submit(
                    SequenceID(rawValue: UInt64(index)),
                    try request(seed: seed * 1_000 + index, contextLength: options.contextLength), .default))
        }
        var prefill = 0.0
        var position = promptTokens
        while !engine.isIdle {
            let before = clock.totals
            let start = ContinuousClock.now
            guard let step = engine.step() else { continue }
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            guard step.promptTokens == 0 else {
                prefill += elapsed
                continue
            }
            position += 1
            decode.add(step, seconds: elapsed, clock: clock, before: before)
            decode.count(
                ModelCost.Work(
                    tokens: batch, logits: batch, assignments: step.assignments - step.droppedAssignments,
                    expertPasses: step.expertPasses, attended: batch * model.config.attended(from: position)),
                cost: cost)
        }
        return prefill
    }

    private func request(seed: Int, contextLength: Int) throws(CommandFailure) -> GenerationRequest {
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

/// The decode steps of a batch size, over all rounds.
private struct DecodeSteps {
    private(set) var seconds: [Double] = []
    private(set) var bytes = 0
    private(set) var operations = 0
    private var totals = [Duration](repeating: .zero, count: StepPhase.allCases.count)

    mutating func add(_ step: Step, seconds: Double, clock: PhaseClock, before: [Duration]) {
        self.seconds.append(seconds)
        for phase in totals.indices { totals[phase] += clock.totals[phase] - before[phase] }
    }

    mutating func count(_ work: ModelCost.Work, cost: ModelCost) {
        bytes += cost.bytes(work)
        operations += cost.operations(work)
    }

    /// Seconds of a step, by phase.
    var phases: [String: Double] {
        let pairs = StepPhase.allCases.map {
            ("\($0)", totals[$0.rawValue] / .seconds(1) / Double(max(1, seconds.count)))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}

extension [Double] {
    /// The middle value; of two, the larger.
    fileprivate var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
