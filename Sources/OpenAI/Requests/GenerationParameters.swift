import JSON

/// The parameters that chat and text completions share.
public struct GenerationParameters: Sendable, Hashable {
    /// Whether a stream reports token usage.
    public enum StreamedUsage: Sendable, Hashable {
        case none
        /// In a final chunk of its own.
        case atEnd
        /// Also in every chunk, for its choice so far (vLLM's extension).
        case continuous
    }

    /// The model's name as the client wrote it.
    public let model: String
    public internal(set) var maximumTokens: Int?
    public internal(set) var temperature = 1.0
    public internal(set) var topP = 1.0
    /// Completions per prompt.
    public internal(set) var count = 1
    /// Strings that end a completion and are not part of it.
    public internal(set) var stop: [String] = []
    public internal(set) var seed: Int?
    /// Added to logits, by token ids of the original model's vocabulary.
    public internal(set) var logitBias: [Int: Double] = [:]
    public internal(set) var presencePenalty = 0.0
    public internal(set) var frequencyPenalty = 0.0
    public internal(set) var stream = false
    public internal(set) var streamedUsage = StreamedUsage.none
    public internal(set) var responseFormat = ResponseFormat.text
    /// The isolation, by name; a field of this server's own.
    public internal(set) var isolation: String?
    /// Time limit of the request, in seconds; a field of this server's own.
    public internal(set) var timeout: Double?
    public internal(set) var extensions = Extensions()

    /// vLLM's fields, which load generators and other clients of vLLM send.
    public struct Extensions: Sendable, Hashable {
        /// Keep this many of the most likely tokens; `nil`: all.
        public internal(set) var topK: Int?
        /// Keep tokens whose probability is at least this many times the top token's.
        public internal(set) var minimumP = 0.0
        public internal(set) var repetitionPenalty = 1.0
        /// Whether to ignore the end token and generate up to `max_tokens`.
        public internal(set) var ignoresEnd = false
        /// Minimum number of tokens before an end token.
        public internal(set) var minimumTokens = 0
        /// Tokens that end a completion and are not part of it.
        public internal(set) var stopTokens: [Int] = []
        /// Whether the stop string is included in the text.
        public internal(set) var includesStop = false
        /// Lower values leave the waiting queue first.
        public internal(set) var priority = 0
        /// Keys and values are shared only between requests with the same salt.
        public internal(set) var cacheSalt: String?
        /// Whether to return the token ids of prompt and completion.
        public internal(set) var returnsTokenIDs = false
        /// Whether log-probabilities name tokens by id, such as `token_id:7`.
        public internal(set) var namesTokensByID = false
        /// Number of most likely tokens reported for each prompt position; `nil`: no prompt log-probabilities.
        public internal(set) var promptLogprobs: Int?
    }

    /// Field names that both endpoints know.
    static let names = Set([
        "model", "max_tokens", "temperature", "top_p", "n", "stop", "seed", "logit_bias", "stream",
        "stream_options", "isolation", "timeout", "logprobs", "response_format", "presence_penalty",
        "frequency_penalty",
        // Accepted, but without effect on text.
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "request_id",
    ]).union(Extensions.names)

    /// Default sampling, one choice.
    init(model: String) {
        self.model = model
    }

    /// `leastTokens`: the minimum `max_tokens` of the endpoint.
    init(
        _ fields: RequestFields, maximumTokensField: String = "max_tokens", leastTokens: Int = 1
    ) throws(InvalidField) {
        model = try fields.model()
        // If a client sends both fields, both are checked, although only one counts.
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
        // Chunks are never padded, so both values are accepted.
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
            // Only the canonical spelling of an id, so that two keys cannot mean the same token.
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
        // As in vLLM, 0 and -1 both mean all.
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
