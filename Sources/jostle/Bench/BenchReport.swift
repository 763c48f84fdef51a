import ExpertRouting
import Numerics
import Threads
import Transformer

/// What `jostle bench` prints.
struct BenchReport: Encodable {
    let checkpoint: String
    let parameters: Int
    let activeParameters: Int
    let numerics: String
    let dtype: String
    let kernels: String
    let isolation: String
    let threads: Int
    let promptTokens: Int
    /// The machine's limits, measured in the same run.
    let limitOperationsPerSecond: Double
    let limitBytesPerSecond: Double
    private(set) var batches: [BenchRun.Result] = []

    init(_ run: BenchRun, checkpoint: String, limits: MachineLimits) {
        self.checkpoint = checkpoint
        parameters = run.model.parameterCount
        activeParameters = run.model.activeParameterCount
        numerics = run.model.numerics.rawValue
        dtype = run.model.weightType.rawValue
        kernels = run.model.kernels.set.rawValue
        isolation = run.isolation.rawValue
        threads = run.workers.threadCount
        promptTokens = run.promptTokens
        limitOperationsPerSecond = limits.operationsPerSecond
        limitBytesPerSecond = limits.bytesPerSecond
    }

    mutating func add(_ result: BenchRun.Result) { batches.append(result) }

    var heading: String {
        """
        \(checkpoint): \(millions(parameters)) parameters, \(millions(activeParameters)) at work on a token
        \(numerics) numerics, \(dtype) weights, \(kernels) kernels, \(isolation), \(threads) thread\(threads == 1 ? "" : "s"), prompts of \(promptTokens) tokens
        this machine at best, measured now: \((limitOperationsPerSecond / 1e9).rounded(digits: 1)) GFLOP/s, \((limitBytesPerSecond / 1e9).rounded(digits: 1)) GB/s

                 prefill    decode
        batch   tokens/s  tokens/s   ms/step    GB/s  GFLOP/s  of the roofline

        """
    }

    /// A batch size's line.
    func line(_ result: BenchRun.Result) -> String {
        let seconds = result.decodeSecondsPerStep
        let least = max(
            result.bytesPerStep / limitBytesPerSecond, result.operationsPerStep / limitOperationsPerSecond)
        let columns = [
            ("\(result.batch)", 5), ("\(Int(result.prefillTokensPerSecond))", 11),
            ("\(Int(result.decodeTokensPerSecond))", 10), ((seconds * 1e3).rounded(digits: 3), 10),
            ((result.bytesPerStep / seconds / 1e9).rounded(digits: 1), 8),
            ((result.operationsPerStep / seconds / 1e9).rounded(digits: 1), 9),
            ("\(Int((least / seconds * 100).rounded())) %", 17),
        ]
        return columns.map { $0.padding(before: $1) }.joined() + "\n"
    }

    /// Where a decode step's time goes.
    var phases: String {
        let names = StepPhase.allCases.map { "\($0)" }
        var text = "\nmicroseconds of a decode step\nbatch" + names.map { "  " + $0 }.joined() + "\n"
        for result in batches {
            text += "\(result.batch)".padding(before: 5)
            for name in names {
                text += "\(Int(((result.phases[name] ?? 0) * 1e6).rounded()))".padding(before: name.count + 2)
            }
            text += "\n"
        }
        return text
    }

    private func millions(_ count: Int) -> String { (Double(count) / 1e6).rounded(digits: 1) + " M" }
}

extension Double {
    /// In decimal notation.
    func rounded(digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let units = Int((self * scale).rounded())
        let fraction = "\(units % Int(scale))"
        return "\(units / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
