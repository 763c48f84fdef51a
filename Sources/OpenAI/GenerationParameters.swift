import JSON

/// What chat and text completions ask for in the same words.
public struct GenerationParameters: Sendable, Hashable {
    /// The model's name as the client wrote it.
    public let model: String
    public let maximumTokens: Int?
    public let temperature: Double
    public let topP: Double
    /// Completions of each prompt.
    public let count: Int
    /// Strings that end a completion and are not part of it.
    public let stop: [String]
    public let seed: Int?
    /// Added to logits, by the token ids of the real model's vocabulary.
    public let logitBias: [Int: Double]
    public let stream: Bool
    public let includeUsage: Bool
    /// Whose tokens the request's tokens compete with, by name; this server's own field.
    public let isolation: String?

    /// Whether to go on past the end token, to the last token asked for.
    public let ignoresEnd: Bool
    /// No end token comes before so many others; an extension of vLLM's, as are those below.
    public let minimumTokens: Int
    public let repetitionPenalty: Double
    public let presencePenalty: Double
    public let frequencyPenalty: Double
    /// Of requests that wait, the lowest goes first.
    public let priority: Int
    /// Whether the ids of the prompt's and the completion's tokens are wanted.
    public let returnsTokenIDs: Bool
    public let responseFormat: ResponseFormat
    /// Most likely tokens reported beside each token of the prompt; `nil`: no log-probabilities of the prompt.
    public let promptLogprobs: Int?

    /// Fields that both endpoints know.
    static let names: Set<String> = [
        "model", "max_tokens", "temperature", "top_p", "n", "stop", "seed", "logit_bias", "stream",
        "stream_options", "isolation", "logprobs", "response_format", "presence_penalty", "frequency_penalty",
        // Of vLLM and its kin: load generators send them.
        "ignore_eos", "repetition_penalty", "min_tokens", "priority", "return_token_ids", "prompt_logprobs",
        // Accepted, without effect on the text.
        "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "request_id",
    ]

    /// Plain sampling, one choice.
    init(
        model: String, maximumTokens: Int?, temperature: Double, topP: Double, stream: Bool,
        isolation: String?, responseFormat: ResponseFormat
    ) {
        self.model = model
        self.maximumTokens = maximumTokens
        self.temperature = temperature
        self.topP = topP
        self.stream = stream
        self.isolation = isolation
        self.responseFormat = responseFormat
        (count, stop, seed, logitBias, includeUsage, ignoresEnd) = (1, [], nil, [:], false, false)
        (minimumTokens, priority, returnsTokenIDs, promptLogprobs) = (0, 0, false, nil)
        (repetitionPenalty, presencePenalty, frequencyPenalty) = (1, 0, 0)
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
        stream = try fields.bool("stream") ?? false
        includeUsage = try fields.members("stream_options")?["include_usage"] == .bool(true)
        isolation = try fields.string("isolation")
        responseFormat = try ResponseFormat(fields)
        ignoresEnd = try fields.bool("ignore_eos") ?? false
        _ = try fields.string("user")
        minimumTokens = try fields.integer("min_tokens", in: 0...Int.max) ?? 0
        if let maximumTokens, minimumTokens > maximumTokens {
            throw InvalidField(
                "Invalid 'min_tokens': \(minimumTokens) is more than '\(maximumTokensField)', \(maximumTokens).",
                param: "min_tokens", code: "invalid_value")
        }
        repetitionPenalty = try fields.number("repetition_penalty", in: 0.01...100) ?? 1
        presencePenalty = try fields.number("presence_penalty", in: -2...2) ?? 0
        frequencyPenalty = try fields.number("frequency_penalty", in: -2...2) ?? 0
        priority = try fields.integer("priority") ?? 0
        returnsTokenIDs = try fields.bool("return_token_ids") ?? false
        promptLogprobs = try fields.integer("prompt_logprobs", in: 0...20)
        if stream, promptLogprobs != nil {
            throw InvalidField(
                "Invalid 'prompt_logprobs': they cannot be streamed. Leave out 'stream'.",
                param: "prompt_logprobs", code: "invalid_value")
        }
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
