import Engine
import ExpertRouting
import OpenAI
import Threads
import Transformer

/// A request that has been found good: sequences to generate, and how to tell the client of them.
struct AdmittedRequest: Sendable {
    let served: ServedModel
    let isolation: Isolation
    /// One for each choice: prompt · n + sample.
    let sequences: [GenerationRequest]
    /// Characters of the prompt of each choice, where its completion begins.
    let promptLengths: [Int]
    /// Over the prompts, each counted once.
    let promptTokens: Int
    let stop: [String]
}

/// Turns what a client asks for into sequences of token ids, or refuses it.
extension Service {
    func admit(_ request: ChatCompletionRequest) throws(APIError) -> AdmittedRequest {
        let (served, suffix) = try resolve(request.parameters.model)
        guard served.entry.endpoints.contains(.chat), let template = served.entry.chatTemplate else {
            throw .notAChatModel(request.parameters.model)
        }
        let messages = request.messages.map { ChatTemplate.Message(role: $0.role, content: $0.content) }
        let prompt = template.render(messages, with: served.model.tokenizer)
        return try admit(
            request.parameters, served: served, suffix: suffix, prompts: [(prompt, 0)],
            defaultTokens: served.entry.contextLength - prompt.count,
            stopTokens: template.stopTokens(in: served.model.tokenizer),
            topLogprobs: request.logprobs ? request.topLogprobs : nil, what: "messages")
    }

    func admit(_ request: CompletionRequest) throws(APIError) -> AdmittedRequest {
        let (served, suffix) = try resolve(request.parameters.model)
        guard served.entry.endpoints.contains(.completions) else {
            throw .notACompletionModel(request.parameters.model)
        }
        let tokenizer = served.model.tokenizer
        var prompts: [(tokens: [TokenID], length: Int)] = []
        for prompt in request.prompts { prompts.append(try served.tokens(of: prompt)) }
        let end = tokenizer.specialTokens["<|endoftext|>"].map { [$0] } ?? []
        return try admit(
            request.parameters, served: served, suffix: suffix, prompts: prompts, defaultTokens: 16,
            stopTokens: Set(served.model.config.endTokens + end), topLogprobs: request.logprobs,
            what: "prompt")
    }

    private func admit(
        _ parameters: GenerationParameters, served: ServedModel, suffix: Isolation?,
        prompts: [(tokens: [TokenID], length: Int)], defaultTokens: Int, stopTokens: Set<TokenID>,
        topLogprobs: Int?, what: String
    ) throws(APIError) -> AdmittedRequest {
        let isolation = try isolation(parameters, suffix: suffix, served: served)
        let bias = try served.logitBias(parameters.logitBias)
        try refuse(prompts.count, times: parameters.count, beyondQueueOf: served, what: what)
        // Drawn here if the client did not choose it, so that all of its choices follow from one number.
        let seed = parameters.seed.map { UInt64(bitPattern: Int64($0)) } ?? UInt64.random(in: 0...UInt64.max)
        var sequences: [GenerationRequest] = []
        for prompt in prompts {
            for sample in 0..<parameters.count {
                let sampling = Sampling(
                    temperature: Float(parameters.temperature), topP: Float(parameters.topP),
                    seed: seed &+ UInt64(sample), logitBias: bias)
                let maximumTokens = parameters.maximumTokens ?? max(1, defaultTokens)
                do throws(InvalidRequest) {
                    sequences.append(
                        try GenerationRequest(
                            prompt: prompt.tokens, maximumTokens: maximumTokens, sampling: sampling,
                            stopTokens: parameters.ignoresEnd ? [] : stopTokens, isolation: isolation,
                            topLogprobs: topLogprobs,
                            limits: served.engine.limits))
                } catch {
                    throw APIError(error, what: what)
                }
            }
        }
        return AdmittedRequest(
            served: served, isolation: isolation, sequences: sequences,
            promptLengths: prompts.flatMap { Array(repeating: $0.length, count: parameters.count) },
            promptTokens: prompts.reduce(0) { $0 + $1.tokens.count }, stop: parameters.stop)
    }

    /// Refuses more sequences than could ever wait together, before any is made.
    private func refuse(
        _ prompts: Int, times samples: Int, beyondQueueOf served: ServedModel, what: String
    ) throws(APIError) {
        let limit = served.engine.options.maximumQueued
        guard prompts > limit / samples else { return }
        throw .invalid(
            InvalidField(
                "This server queues at most \(limit) sequences, and you requested \(prompts) prompts with \(samples) completions each. Please send several requests.",
                param: prompts > 1 ? what : "n", code: "invalid_value"))
    }

    /// The field wins over the name's suffix, and both over the model's own isolation.
    private func isolation(
        _ parameters: GenerationParameters, suffix: Isolation?, served: ServedModel
    ) throws(APIError) -> Isolation {
        guard let name = parameters.isolation else { return suffix ?? served.isolation.withLock { $0 } }
        guard let isolation = Isolation(rawValue: name) else {
            let names = Isolation.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw .invalid(
                InvalidField(
                    "Invalid value: '\(name)'. Supported values are: \(names).", param: "isolation",
                    code: "invalid_value"))
        }
        return isolation
    }
}

extension ServedModel {
    /// A prompt's token ids, and its length in characters.
    fileprivate func tokens(of prompt: CompletionRequest.Prompt) throws(APIError) -> ([TokenID], Int) {
        switch prompt {
        case .text(let text):
            return (model.tokenizer.encode(text, parsingSpecialTokens: true), text.unicodeScalars.count)
        case .tokens(let ids):
            var tokens: [TokenID] = []
            for id in ids {
                guard let token = TokenID(exactly: id) else {
                    throw APIError(
                        .tokenOutOfRange(.max, vocabularySize: model.config.vocabularySize), what: "prompt")
                }
                tokens.append(token)
            }
            return (tokens, model.tokenizer.decode(tokens, skippingSpecialTokens: false).unicodeScalars.count)
        }
    }

    /// Biases by the checkpoint's tokens.
    ///
    /// Ids are those of the vocabulary the API model is known for: an alias says which token of the
    /// checkpoint one of them means; the others have no counterpart and change nothing.
    fileprivate func logitBias(_ biases: [Int: Double]) throws(APIError) -> [TokenID: Float] {
        var found: [TokenID: Float] = [:]
        // In order: where an id and an alias mean the same token, the alias counts, in every run.
        for (id, bias) in biases.sorted(by: { $0.key < $1.key }) {
            guard id <= entry.maximumTokenID else {
                throw .invalid(
                    InvalidField(
                        "Invalid key in 'logit_bias': \(id). Maximum value is \(entry.maximumTokenID).",
                        param: "logit_bias"))
            }
            if let alias = entry.tokenAliases[id] {
                if let token = model.tokenizer.specialTokens[alias] { found[token] = Float(bias) }
            } else if id < model.config.vocabularySize {
                found[TokenID(id)] = Float(bias)
            }
        }
        return found
    }
}

extension APIError {
    /// `what`: the field the prompt came from.
    init(_ error: InvalidRequest, what: String) {
        switch error {
        case .emptyPrompt:
            self = .invalid(
                InvalidField("Invalid '\(what)': it has no tokens.", param: what, code: "invalid_value"))
        case .noTokensRequested:
            self = .invalid(
                InvalidField(
                    "Invalid 'max_tokens': it must be at least 1.", param: "max_tokens", code: "invalid_value"
                ))
        case .tokenOutOfRange(let token, let size):
            self = .invalid(
                InvalidField(
                    "Invalid '\(what)': \(token) is no token id; this model's are 0 to \(size - 1).",
                    param: what,
                    code: "invalid_value"))
        case .tooLong(let prompt, let completion, let contextLength):
            self = .tooLong(prompt: prompt, completion: completion, contextLength: contextLength, what: what)
        }
    }
}
