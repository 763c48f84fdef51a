import Catalog
import Engine
import HTTP
import OpenAI
import Threads
import Transformer

/// `POST /v1/embeddings`.
struct EmbeddingsEndpoint: Endpoint {
    let models: ModelRegistry

    func respond(to request: HTTPRequest, _ exchange: any AnswerSink) throws(APIError) {
        let asked = try parse { () throws(InvalidField) in try EmbeddingRequest(parsing: request.body) }
        let (served, suffix) = try models.resolve(asked.model)
        let width = served.model.config.hiddenSize
        if let dimensions = asked.dimensions, dimensions != width {
            throw .invalid(
                InvalidField(
                    "Invalid 'dimensions': this model's embeddings have \(width).", param: "dimensions",
                    code: "invalid_value"))
        }
        let isolation = try served.isolation(asked.isolation, suffix: suffix)
        try served.checkQueue(holds: asked.inputs.count, times: 1, what: "input")
        var sequences: [GenerationRequest] = []
        for input in asked.inputs {
            let prompt = try served.tokens(of: input, what: "input")
            do throws(InvalidRequest) {
                sequences.append(
                    try GenerationRequest(
                        prompt: prompt.tokens, maximumTokens: 0, isolation: isolation,
                        report: GenerationRequest.Report(wantsEmbedding: true), limits: served.engine.limits))
            } catch {
                throw APIError(error, what: "input")
            }
        }
        exchange.limit(toSeconds: asked.timeout)
        try EmbeddingJob(sequences, of: served, format: asked.format, exchange: exchange).start()
    }
}

/// Runs one embedding request.
private final class EmbeddingJob: Sendable {
    private struct State {
        /// By input; empty until it is computed.
        var embeddings: [[Float]]
        var open: Int
    }

    private let inputs: [GenerationRequest]
    private let sequences: SubmittedSequences
    private let served: ServedModel
    private let format: EmbeddingRequest.Format
    private let exchange: any AnswerSink
    private let state: Locked<State>

    init(
        _ inputs: [GenerationRequest], of served: ServedModel, format: EmbeddingRequest.Format,
        exchange: any AnswerSink
    ) {
        self.inputs = inputs
        sequences = SubmittedSequences(on: served.engine)
        self.served = served
        self.format = format
        self.exchange = exchange
        state = Locked(
            State(embeddings: Array(repeating: [], count: inputs.count), open: inputs.count))
    }

    /// Submits every input, or none.
    func start() throws(APIError) {
        do throws(EngineRefusal) {
            try sequences.submit(inputs) { [self] in take($0, of: $1) }
        } catch {
            throw APIError(error)
        }
        exchange.onCancel { [sequences] in sequences.cancel() }
        exchange.onExpiry { [self] time in
            sequences.cancel()
            exchange.respond(APIError.timeout(time).response)
        }
    }

    private func take(_ events: [TimedEvent], of index: Int) {
        let embeddings = state.withLock { state -> [[Float]]? in
            for event in events {
                switch event.event {
                case .embedding(let mean): state.embeddings[index] = mean.ofLengthOne
                case .finished: state.open -= 1
                case .prompt, .token: break
                }
            }
            return state.open == 0 && !sequences.isCancelled ? state.embeddings : nil
        }
        guard let embeddings else { return }
        // The engine has stopped before all were computed.
        guard embeddings.allSatisfy({ !$0.isEmpty }) else {
            return exchange.respond(APIError.shuttingDown.response)
        }
        exchange.respond(
            .json(
                EmbeddingResponse(
                    embeddings, format: format, model: served.entry.name,
                    promptTokens: inputs.reduce(0) { $0 + $1.prompt.count })))
    }
}

extension [Float] {
    /// The vector scaled to length 1, as OpenAI's are: dot products are cosines.
    fileprivate var ofLengthOne: [Float] {
        let length = reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? map { $0 / length } : self
    }
}
