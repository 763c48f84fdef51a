import JSON

/// What chat and text completions ask for in the same words.
public struct GenerationParameters: Sendable, Hashable {
    /// What a stream says of the tokens that were used.
    public enum StreamedUsage: Sendable, Hashable {
        case none
        /// In a chunk of its own, the last.
        case atEnd
        /// And in every chunk, those of its choice so far; an extension of vLLM's.
        case continuous
    }

    /// The model's name as the client wrote it.
    public let model: String
    public internal(set) var maximumTokens: Int?
    public internal(set) var temperature = 1.0
    public internal(set) var topP = 1.0
    /// Completions of each prompt.
    public internal(set) var count = 1
    /// Strings that end a completion and are not part of it.
    public internal(set) var stop: [String] = []
    public internal(set) var seed: Int?
    /// Added to logits, by the token ids of the real model's vocabulary.
    public internal(set) var logitBias: [Int: Double] = [:]
    public internal(set) var presencePenalty = 0.0
    public internal(set) var frequencyPenalty = 0.0
    public internal(set) var stream = false
    public internal(set) var streamedUsage = StreamedUsage.none
    public internal(set) var responseFormat = ResponseFormat.text
    /// Whose tokens the request's tokens compete with, by name; this server's own field.
    public internal(set) var isolation: String?
    /// Seconds within which the answer has to be complete; this server's own field.
    public internal(set) var timeout: Double?
    public internal(set) var extensions = Extensions()

    /// Fields of vLLM's: load generators and others that know it send them.
    public struct Extensions: Sendable, Hashable {
        /// Only so many of the likeliest tokens are drawn from; `nil`: from all.
        public internal(set) var topK: Int?
        /// Only tokens at least this likely are drawn from, as a share of the likeliest's probability.
        public internal(set) var minimumP = 0.0
        public internal(set) var repetitionPenalty = 1.0
        /// Whether to go on past the end token, to the last token asked for.
        public internal(set) var ignoresEnd = false
        /// No end token comes before so many others.
        public internal(set) var minimumTokens = 0
        /// Tokens that end a completion and are not part of it.
        public internal(set) var stopTokens: [Int] = []
        /// Whether the string that ended a completion is part of it after all.
        public internal(set) var includesStop = false
        /// Of requests that wait, the lowest goes first.
        public internal(set) var priority = 0
        /// Keys and values are shared only with requests of the same salt.
        public internal(set) var cacheSalt: String?
        /// Whether the ids of the prompt's and the completion's tokens are wanted.
        public internal(set) var returnsTokenIDs = false
        /// Whether log-probabilities call tokens by their ids, as in `token_id:7`.
        public internal(set) var namesTokensByID = false
        /// Most likely tokens reported beside each token of the prompt; `nil`: no log-probabilities of the prompt.
        public internal(set) var promptLogprobs: Int?
    }

    /// Fields that both endpoints know.
    static let names = Set([
        "model", "max_tokens", "temperature", "top_p", "n", "stop", "seed", "logit_bias", "stream",
        "stream_options", "isolation", "timeout", "logprobs", "response_format", "presence_penalty",
        "frequency_penalty",
        // Accepted, without effect on the text.
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "request_id",
    ]).union(Extensions.names)

    /// Plain sampling, one choice.
    init(model: String) {
        self.model = model
    }

    /// `leastTokens`: the lowest `max_tokens` that the endpoint takes.
    init(
        _ fields: RequestFields, maximumTokensField: String = "max_tokens", leastTokens: Int = 1
    ) throws(InvalidField) {
        model = try fields.model()
        // A client that sends both is told of a wrong one, even where the other counts.
        _ = try fields.integer("max_tokens", in: leastTokens...Int.max)
        maximumTokens = try fields.integer(maximumTokensField, in: leastTokens...Int.max)
        temperature = try fields.number("temperature", in: 0...2) ?? 1
        topP = try fields.number("top_p", in: 0...1) ?? 1
        count = try fields.integer("n", in: 1...128) ?? 1
        stop = try fields.strings("stop", limit: 4).filter { !$0.isEmpty }
        seed = try fields.integer("seed")
        logitBias = try Self.logitBias(fields)
        presencePenalty = try fields.number("presence_penalty", in: -2...2) ?? 0
        frequencyPenalty = try fields.number("frequency_penalty", in: -2...2) ?? 0
        stream = try fields.bool("stream") ?? false
        streamedUsage = try Self.streamedUsage(fields)
        isolation = try fields.string("isolation")
        timeout = try fields.timeout()
        responseFormat = try ResponseFormat(fields)
        _ = try fields.string("user")
        extensions = try Extensions(fields)
        if let maximumTokens, extensions.minimumTokens > maximumTokens {
            throw InvalidField(
                "Invalid 'min_tokens': \(extensions.minimumTokens) is more than '\(maximumTokensField)', \(maximumTokens).",
                param: "min_tokens", code: "invalid_value")
        }
        if stream, extensions.promptLogprobs != nil {
            throw InvalidField(
                "Invalid 'prompt_logprobs': they cannot be streamed. Leave out 'stream'.",
                param: "prompt_logprobs", code: "invalid_value")
        }
    }

    private static func streamedUsage(_ fields: RequestFields) throws(InvalidField) -> StreamedUsage {
        // Chunks are not padded, so that there is nothing to leave out.
        let known: Set = ["include_usage", "continuous_usage_stats", "include_obfuscation"]
        guard let options = try fields.object("stream_options", known: known) else { return .none }
        let isContinuous = try options.bool("continuous_usage_stats") ?? false
        guard try options.bool("include_usage") ?? false else { return .none }
        return isContinuous ? .continuous : .atEnd
    }

    private static func logitBias(_ fields: RequestFields) throws(InvalidField) -> [Int: Double] {
        var biases: [Int: Double] = [:]
        for member in try fields.members("logit_bias") ?? [] {
            let (key, value) = (member.name, member.value)
            // One way to write each id, or two keys could mean the same token.
            guard let token = Int(key), token >= 0, "\(token)" == key else {
                throw InvalidField(
                    "Invalid key in 'logit_bias': \(key). You should only be submitting non-negative integers.",
                    param: "logit_bias")
            }
            let bias: Double
            switch value {
            case .integer(let value): bias = Double(value)
            case .number(let value): bias = value
            default:
                throw InvalidField(
                    "Invalid type for 'logit_bias.\(key)': expected a number, but got \(value.kind) instead.",
                    param: "logit_bias", code: "invalid_type")
            }
            guard (-100...100).contains(bias) else {
                throw InvalidField(
                    "Invalid 'logit_bias.\(key)': expected a value between -100 and 100, but got \(bias) instead.",
                    param: "logit_bias", code: "invalid_value")
            }
            biases[token] = bias
        }
        return biases
    }
}

extension GenerationParameters.Extensions {
    static let names: Set<String> = [
        "top_k", "min_p", "repetition_penalty", "ignore_eos", "min_tokens", "stop_token_ids",
        "include_stop_str_in_output", "priority", "cache_salt", "return_token_ids",
        "return_tokens_as_token_ids", "prompt_logprobs",
    ]

    fileprivate init(_ fields: RequestFields) throws(InvalidField) {
        // Both 0 and -1 mean all, as in vLLM.
        topK = try fields.integer("top_k", in: -1...Int.max).flatMap { $0 > 0 ? $0 : nil }
        minimumP = try fields.number("min_p", in: 0...1) ?? 0
        repetitionPenalty = try fields.number("repetition_penalty", in: 0.01...100) ?? 1
        ignoresEnd = try fields.bool("ignore_eos") ?? false
        minimumTokens = try fields.integer("min_tokens", in: 0...Int.max) ?? 0
        stopTokens = try fields.integers("stop_token_ids") ?? []
        includesStop = try fields.bool("include_stop_str_in_output") ?? false
        priority = try fields.integer("priority") ?? 0
        cacheSalt = try fields.string("cache_salt")
        returnsTokenIDs = try fields.bool("return_token_ids") ?? false
        namesTokensByID = try fields.bool("return_tokens_as_token_ids") ?? false
        promptLogprobs = try fields.integer("prompt_logprobs", in: 0...20)
    }
}
