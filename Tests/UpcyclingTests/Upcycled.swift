import ExpertRouting
import TestSupport
import Threads
import Tokenizers
import Transformer
import Upcycling

/// A mixture made of a dense model, in a folder that goes with this object.
struct Upcycled {
    let summary: Upcycler.Summary
    private let folder: TemporaryFolder

    var path: String { folder.path + "/mixture" }

    /// Upcycles a checkpoint into 4 experts, unless `change` wants it otherwise.
    init(
        _ checkpoint: String, reading text: String? = nil,
        _ change: (inout Upcycler.Options) -> Void = { _ in }
    ) throws {
        var options = Upcycler.Options()
        options.experts = 4
        change(&options)
        folder = try TemporaryFolder()
        let upcycler = try Upcycler(
            Checkpoint(at: checkpoint), options: options, workers: WorkerPool(threadCount: 2))
        summary = try upcycler.run(
            into: folder.path + "/mixture", source: "tiny", text: text.map { ("a text", $0) })
    }

    func model() throws -> Model { try Model(checkpoint: path) }

    /// The bytes of each file, by its name.
    func files() throws -> [String: [UInt8]] { try fileContents(of: path) }

    /// A tensor of the mixture.
    func tensor(_ name: String) throws -> TensorFile.Tensor? {
        try TensorFile(contentsOf: path + "/model.safetensors")[name]
    }
}

/// What one forward pass computed.
struct Pass {
    let logits: [Float]
    /// Those of all layers.
    let dropped: [DroppedAssignment]

    /// Reads `tokens` as a prompt.
    init(_ model: Model, _ tokens: [TokenID], isolation: Isolation = .dropless, rule: RoutingRule = .default)
    {
        let blocks = (tokens.count + ModelRunner.blockSize - 1) / ModelRunner.blockSize
        var runner = ModelRunner(
            model: model, stepTokens: tokens.count, sequences: 1, contextLength: tokens.count, blocks: blocks)
        let chunk = StepChunk(
            tokens: tokens[...], firstPosition: 0, promptCount: tokens.count, isolation: isolation,
            rule: rule,
            blocks: (0..<Int32(blocks)).map { $0 }, wantsLogits: true)
        dropped = runner.forward(StepBatch(number: 0, chunks: [chunk])).flatMap(\.dropped)
        logits = Array(runner.logits(0))
    }

    /// The largest difference of two logits.
    func difference(from other: Pass) -> Float {
        zip(logits, other.logits).map { abs($0 - $1) }.max() ?? .infinity
    }
}
