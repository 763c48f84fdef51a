import ExpertRouting
import Threads
import Tokenizers
import Transformer

/// What the feed-forward networks of a dense model read while the model reads a text.
struct FeedForwardInputs {
    /// The longest piece of text that is read as one sequence.
    private static let window = 512

    let tokenCount: Int
    let width: Int
    /// Each layer's inputs, [tokens, width]: the hidden states behind the norm.
    let layers: [[Float]]

    /// Runs `model` over `tokens`, in sequences of at most 512 tokens.
    ///
    /// `report` gets the share of the work that is done.
    init(
        of model: Model, reading tokens: [TokenID], workers: WorkerPool,
        report: (Double) throws(UpcyclingError) -> Void
    ) throws(UpcyclingError) {
        tokenCount = tokens.count
        width = model.config.hiddenSize
        let size = tokens.count * width
        var layers = (0..<model.config.layerCount).map { _ in
            var inputs: [Float] = []
            inputs.reserveCapacity(size)
            return inputs
        }
        let window = min(Self.window, model.config.maximumPositions)
        let blocks = (window + ModelRunner.blockSize - 1) / ModelRunner.blockSize
        var runner = ModelRunner(
            model: model, stepTokens: window, sequences: 1, contextLength: window, blocks: blocks,
            workers: workers)
        for (number, start) in stride(from: 0, to: tokens.count, by: window).enumerated() {
            let part = tokens[start..<min(start + window, tokens.count)]
            let chunk = StepChunk(
                tokens: part, firstPosition: 0, promptCount: part.count, isolation: .dropless, rule: .default,
                blocks: (0..<Int32(blocks)).map { $0 }, wantsLogits: false)
            _ = runner.forward(StepBatch(number: number, chunks: [chunk])) { layer, inputs in
                layers[layer] += inputs
            }
            // A NaN or an infinity goes on to the last layer.
            guard layers.last?.suffix(part.count * width).allSatisfy(\.isFinite) ?? true else {
                throw UpcyclingError(
                    .checkpoint, "the model computes NaN or infinity for this text; its weights are unusable")
            }
            try report(Double(start + part.count) / Double(tokens.count))
        }
        self.layers = layers
    }
}
