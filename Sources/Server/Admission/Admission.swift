import Catalog
import Engine
import ExpertRouting
import JSON
import OpenAI
import Threads
import Tokenizers
import Transformer

/// A request that has been found good: sequences to generate, and how to tell the client of them.
struct AdmittedRequest: Sendable {
    /// What a choice goes on from.
    struct Prompt: Sendable {
        let tokens: [TokenID]
        /// As the client sees it; empty for a chat.
        let text: String
    }

    /// What the client wants to see.
    struct Wishes: Sendable {
        /// The completion begins with the prompt.
        var echoes = false
        /// Tokens with their log-probabilities.
        var reportsTokens = false
        var returnsTokenIDs = false
        /// Log-probabilities call tokens by their ids.
        var namesTokensByID = false
        /// The likelihoods of the prompt's tokens.
        var reportsPrompt = false
        /// A stop string is part of the completion that it ends.
        var includesStop = false
    }

    let served: ServedModel
    let isolation: Isolation
    let prompts: [Prompt]
    /// Sequences of each prompt, and how many of them, the likeliest, are returned.
    let candidates: Int
    let choices: Int
    /// prompt · candidates + sample.
    let sequences: [GenerationRequest]
    let stop: [String]
    let wishes: Wishes

    /// The prompt of a sequence.
    func prompt(of sequence: Int) -> Prompt { prompts[sequence / candidates] }

    /// Over the prompts, each counted once.
    var promptTokens: Int { prompts.reduce(0) { $0 + $1.tokens.count } }
}

/// What an endpoint adds to the parameters that all have.
private struct Admittance {
    let served: ServedModel
    let suffix: Isolation?
    let prompts: [AdmittedRequest.Prompt]
    /// Where the client does not say how many.
    let defaultTokens: Int
    let stopTokens: Set<TokenID>
    var constraint: TokenConstraint?
    var topLogprobs: Int?
    var echoes = false
    var candidates: Int
    /// The field the prompts came from.
    let what: String
}

/// Turns what a client asks for into sequences of token ids, or refuses it.
extension Service {
    func admit(_ request: ChatCompletionRequest) throws(APIError) -> AdmittedRequest {
        try admit(
            Chat(
                messages: request.messages, tools: request.tools.values, field: "messages",
                shape: OutputShape(request), shapeField: "response_format"),
            request.parameters, topLogprobs: request.logprobs ? request.topLogprobs : nil)
    }

    /// What the endpoints that take messages ask for, each in its words.
    private struct Chat {
        let messages: [ChatMessage]
        var tools: [JSONValue] = []
        /// The field that has the messages.
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
        let (served, suffix) = try resolve(parameters.model)
        guard let template = served.chatTemplate else { throw .notAChatModel(parameters.model) }
        let prompt = try served.render(chat.messages, tools: chat.tools, template, what: chat.field)
        return try admit(
            parameters,
            Admittance(
                served: served, suffix: suffix,
                prompts: [AdmittedRequest.Prompt(tokens: prompt, text: "")],
                defaultTokens: served.entry.contextLength - prompt.count,
                stopTokens: template.stopTokens(in: served.model.tokenizer)
                    .union(served.model.config.endTokens),
                constraint: try constraints.constraint(chat.shape, on: served, field: chat.shapeField),
                topLogprobs: topLogprobs, candidates: parameters.count, what: chat.field))
    }

    func admit(_ request: CompletionRequest) throws(APIError) -> AdmittedRequest {
        let (served, suffix) = try resolve(request.parameters.model)
        guard served.entry.endpoints.contains(.completions) else {
            throw .notACompletionModel(request.parameters.model)
        }
        var prompts: [AdmittedRequest.Prompt] = []
        for prompt in request.prompts { prompts.append(try served.tokens(of: prompt, what: "prompt")) }
        let end = served.model.tokenizer.specialTokens["<|endoftext|>"].map { [$0] } ?? []
        return try admit(
            request.parameters,
            Admittance(
                served: served, suffix: suffix, prompts: prompts, defaultTokens: 16,
                stopTokens: Set(served.model.config.endTokens + end),
                constraint: try constraints.constraint(
                    OutputShape(request.parameters.responseFormat), on: served, field: "response_format"),
                topLogprobs: request.logprobs,
                echoes: request.echo, candidates: request.bestOf, what: "prompt"))
    }

    private func admit(
        _ parameters: GenerationParameters, _ admittance: Admittance
    ) throws(APIError) -> AdmittedRequest {
        let served = admittance.served
        let isolation = try isolation(parameters.isolation, suffix: admittance.suffix, served: served)
        try refuse(
            admittance.prompts.count, times: admittance.candidates, beyondQueueOf: served,
            what: admittance.what)
        let sampling = try sampling(parameters, served)
        let extensions = parameters.extensions
        let stopTokens = (extensions.ignoresEnd ? [] : admittance.stopTokens)
            .union(try served.checked(extensions.stopTokens, what: "stop_token_ids"))
        var report = GenerationRequest.Report(
            topLogprobs: admittance.topLogprobs, promptLogprobs: parameters.extensions.promptLogprobs)
        if admittance.echoes, let top = admittance.topLogprobs {
            report.promptLogprobs = max(top, report.promptLogprobs ?? 0)
        }
        // The likeliest are chosen by their log-probabilities, whether the client sees them or not.
        if admittance.candidates > parameters.count { report.topLogprobs = report.topLogprobs ?? 0 }
        var sequences: [GenerationRequest] = []
        for prompt in admittance.prompts {
            for sample in 0..<admittance.candidates {
                var sampling = sampling
                sampling.seed &+= UInt64(sample)
                do throws(InvalidRequest) {
                    sequences.append(
                        try GenerationRequest(
                            prompt: prompt.tokens,
                            maximumTokens: parameters.maximumTokens ?? max(1, admittance.defaultTokens),
                            minimumTokens: extensions.minimumTokens, sampling: sampling,
                            stopTokens: stopTokens, isolation: isolation, report: report,
                            priority: extensions.priority, cacheSalt: extensions.cacheSalt,
                            constraint: admittance.constraint, limits: served.engine.limits))
                } catch {
                    throw APIError(error, what: admittance.what)
                }
            }
        }
        return AdmittedRequest(
            served: served, isolation: isolation, prompts: admittance.prompts,
            candidates: admittance.candidates, choices: parameters.count, sequences: sequences,
            stop: parameters.stop,
            wishes: AdmittedRequest.Wishes(
                echoes: admittance.echoes, reportsTokens: admittance.topLogprobs != nil,
                returnsTokenIDs: extensions.returnsTokenIDs, namesTokensByID: extensions.namesTokensByID,
                reportsPrompt: extensions.promptLogprobs != nil, includesStop: extensions.includesStop))
    }

    private func sampling(
        _ parameters: GenerationParameters, _ served: ServedModel
    ) throws(APIError) -> Sampling {
        // Drawn here if the client did not choose it, so that all of its choices follow from one number.
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

    /// Refuses more sequences than could ever wait together, before any is made.
    func refuse(
        _ prompts: Int, times samples: Int, beyondQueueOf served: ServedModel, what: String
    ) throws(APIError) {
        let limit = served.engine.options.sizes.maximumQueued
        guard prompts > limit / samples else { return }
        throw .invalid(
            InvalidField(
                "This server queues at most \(limit) sequences, and you requested \(prompts) prompts with \(samples) completions each. Please send several requests.",
                param: prompts > 1 ? what : "n", code: "invalid_value"))
    }

    /// The field wins over the name's suffix, and both over the model's own isolation.
    func isolation(
        _ name: String?, suffix: Isolation?, served: ServedModel
    ) throws(APIError) -> Isolation {
        guard let name else { return suffix ?? served.isolation.withLock { $0 } }
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
    /// A chat as the model reads it.
    ///
    /// `what`: the field it came from.
    func render(
        _ messages: [ChatMessage], tools: [JSONValue] = [], _ template: ChatTemplate, what: String
    ) throws(APIError) -> [TokenID] {
        do throws(UnsuitableMessages) {
            return try template.render(
                messages.map {
                    ChatTemplate.Message(role: $0.role, content: $0.content, others: $0.others)
                },
                tools: tools, with: model.tokenizer)
        } catch {
            throw .invalid(InvalidField(error.description, param: what, code: "invalid_value"))
        }
    }

    /// A prompt's token ids, and its text.
    ///
    /// `what`: the field it came from.
    func tokens(
        of prompt: CompletionRequest.Prompt, what: String
    ) throws(APIError) -> AdmittedRequest.Prompt {
        switch prompt {
        case .text(let text):
            let tokens = try encoded(what: what) { () throws(TokenizationError) in
                try model.tokenizer.encode(text, parsingSpecialTokens: true, addingSpecialTokens: true)
            }
            return AdmittedRequest.Prompt(tokens: tokens, text: text)
        case .tokens(let ids):
            let tokens = try checked(ids, what: what)
            return AdmittedRequest.Prompt(
                tokens: tokens, text: model.tokenizer.decode(tokens, skippingSpecialTokens: false))
        }
    }

    /// Ids that are all tokens of the model.
    func checked(_ ids: [Int], what: String) throws(APIError) -> [TokenID] {
        var tokens: [TokenID] = []
        for id in ids {
            guard let token = TokenID(exactly: id), 0..<model.config.vocabularySize ~= id else {
                throw APIError(
                    .tokenOutOfRange(
                        TokenID(clamping: id), vocabularySize: model.config.vocabularySize), what: what)
            }
            tokens.append(token)
        }
        return tokens
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

/// Encodes a prompt; a text that the tokenizer's pattern gives up on is the client's to change.
func encoded(
    what: String, _ encode: () throws(TokenizationError) -> [TokenID]
) throws(APIError) -> [TokenID] {
    do throws(TokenizationError) {
        return try encode()
    } catch {
        throw .invalid(
            InvalidField(
                "Invalid '\(what)': it cannot be tokenized, because \(error).", param: what,
                code: "invalid_value"))
    }
}

extension APIError {
    /// `what`: the field the prompt came from.
    init(_ error: InvalidRequest, what: String) {
        switch error {
        case .emptyPrompt:
            self = .invalid(
                InvalidField("Invalid '\(what)': it has no tokens.", param: what, code: "invalid_value"))
        case .negativeMaximum:
            self = .invalid(
                InvalidField(
                    "Invalid 'max_tokens': it must not be negative.", param: "max_tokens",
                    code: "invalid_value"))
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
