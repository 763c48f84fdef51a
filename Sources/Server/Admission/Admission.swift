import Catalog
import Engine
import ExpertRouting
import JSON
import OpenAI
import Tokenizers
import Transformer

/// What an endpoint adds to the parameters that all endpoints have.
private struct EndpointDefaults {
    let served: ServedModel
    let suffix: Isolation?
    let prompts: [AdmittedRequest.Prompt]
    /// `max_tokens` of a request that has none.
    let defaultTokens: Int
    let stopTokens: Set<TokenID>
    var constraint: TokenConstraint?
    var topLogprobs: Int?
    var echoes = false
    var candidates: Int
    /// The field the prompts came from.
    let what: String
}

/// Turns requests into sequences of token ids, or refuses them.
struct Admission: Sendable {
    let models: ModelRegistry
    let constraints: ConstraintStore

    func admit(_ request: ChatCompletionRequest) throws(APIError) -> AdmittedRequest {
        try admit(
            Chat(
                messages: request.messages, tools: request.tools.values, field: "messages",
                shape: OutputShape(request), shapeField: "response_format"),
            request.parameters, topLogprobs: request.logprobs ? request.topLogprobs : nil)
    }

    /// What endpoints with messages have in common.
    private struct Chat {
        let messages: [ChatMessage]
        var tools: [JSONValue] = []
        /// The field with the messages.
        let field: String
        let shape: OutputShape?
        let shapeField: String
    }

    func admit(_ request: ResponsesRequest) throws(APIError) -> AdmittedRequest {
        try admit(
            Chat(
                messages: request.messages, field: "input", shape: OutputShape(request.responseFormat),
                shapeField: "text.format"), request.parameters, topLogprobs: nil)
    }

    private func admit(
        _ chat: Chat, _ parameters: GenerationParameters, topLogprobs: Int?
    ) throws(APIError) -> AdmittedRequest {
        let (served, suffix) = try models.resolve(parameters.model)
        guard let template = served.chatTemplate else { throw .notAChatModel(parameters.model) }
        let prompt = try served.render(chat.messages, tools: chat.tools, template, what: chat.field)
        return try admit(
            parameters,
            EndpointDefaults(
                served: served, suffix: suffix,
                prompts: [AdmittedRequest.Prompt(tokens: prompt, text: "")],
                defaultTokens: served.entry.contextLength - prompt.count,
                stopTokens: template.stopTokens(in: served.model.tokenizer)
                    .union(served.model.config.endTokens),
                constraint: try constraints.constraint(chat.shape, on: served, field: chat.shapeField),
                topLogprobs: topLogprobs, candidates: parameters.count, what: chat.field))
    }

    func admit(_ request: CompletionRequest) throws(APIError) -> AdmittedRequest {
        let (served, suffix) = try models.resolve(request.parameters.model)
        guard served.entry.endpoints.contains(.completions) else {
            throw .notACompletionModel(request.parameters.model)
        }
        var prompts: [AdmittedRequest.Prompt] = []
        for prompt in request.prompts { prompts.append(try served.tokens(of: prompt, what: "prompt")) }
        let end = served.model.tokenizer.specialTokens["<|endoftext|>"].map { [$0] } ?? []
        return try admit(
            request.parameters,
            EndpointDefaults(
                served: served, suffix: suffix, prompts: prompts, defaultTokens: 16,
                stopTokens: Set(served.model.config.endTokens + end),
                constraint: try constraints.constraint(
                    OutputShape(request.parameters.responseFormat), on: served, field: "response_format"),
                topLogprobs: request.logprobs,
                echoes: request.echo, candidates: request.bestOf, what: "prompt"))
    }

    private func admit(
        _ parameters: GenerationParameters, _ endpoint: EndpointDefaults
    ) throws(APIError) -> AdmittedRequest {
        let served = endpoint.served
        let isolation = try served.isolation(parameters.isolation, suffix: endpoint.suffix)
        try served.checkQueue(
            holds: endpoint.prompts.count, times: endpoint.candidates, what: endpoint.what)
        let sampling = try sampling(parameters, served)
        let extensions = parameters.extensions
        let stopTokens = (extensions.ignoresEnd ? [] : endpoint.stopTokens)
            .union(try served.checked(extensions.stopTokens, what: "stop_token_ids"))
        var report = GenerationRequest.Report(
            topLogprobs: endpoint.topLogprobs, promptLogprobs: parameters.extensions.promptLogprobs)
        if endpoint.echoes, let top = endpoint.topLogprobs {
            report.promptLogprobs = max(top, report.promptLogprobs ?? 0)
        }
        // `best_of` ranks by log-probabilities, whether the client sees them or not.
        if endpoint.candidates > parameters.count { report.topLogprobs = report.topLogprobs ?? 0 }
        var sequences: [GenerationRequest] = []
        for prompt in endpoint.prompts {
            for sample in 0..<endpoint.candidates {
                var sampling = sampling
                sampling.seed &+= UInt64(sample)
                do throws(InvalidRequest) {
                    sequences.append(
                        try GenerationRequest(
                            prompt: prompt.tokens,
                            maximumTokens: parameters.maximumTokens ?? max(1, endpoint.defaultTokens),
                            minimumTokens: extensions.minimumTokens, sampling: sampling,
                            stopTokens: stopTokens, isolation: isolation, report: report,
                            priority: extensions.priority, cacheSalt: extensions.cacheSalt,
                            constraint: endpoint.constraint, limits: served.engine.limits))
                } catch {
                    throw APIError(error, what: endpoint.what)
                }
            }
        }
        return AdmittedRequest(
            served: served, isolation: isolation, prompts: endpoint.prompts,
            candidates: endpoint.candidates, choices: parameters.count, sequences: sequences,
            stop: parameters.stop,
            output: AdmittedRequest.OutputOptions(
                echoes: endpoint.echoes, reportsTokens: endpoint.topLogprobs != nil,
                returnsTokenIDs: extensions.returnsTokenIDs, namesTokensByID: extensions.namesTokensByID,
                reportsPrompt: extensions.promptLogprobs != nil, includesStop: extensions.includesStop))
    }

    private func sampling(
        _ parameters: GenerationParameters, _ served: ServedModel
    ) throws(APIError) -> Sampling {
        // Drawn here if the request has none, so that all of its choices follow from one seed.
        let seed = parameters.seed.map { UInt64(bitPattern: Int64($0)) } ?? UInt64.random(in: 0...UInt64.max)
        var sampling = Sampling(
            temperature: Float(parameters.temperature), topP: Float(parameters.topP), seed: seed,
            logitBias: try served.logitBias(parameters.logitBias))
        sampling.penalties.presence = Float(parameters.presencePenalty)
        sampling.penalties.frequency = Float(parameters.frequencyPenalty)
        sampling.penalties.repetition = Float(parameters.extensions.repetitionPenalty)
        sampling.topK = parameters.extensions.topK
        sampling.minimumP = Float(parameters.extensions.minimumP)
        return sampling
    }
}
