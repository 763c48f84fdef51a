/// Number of tokens of a request.
public struct Usage: Sendable, Hashable, Encodable {
    public var promptTokens: Int
    public var completionTokens: Int
    /// Prompt tokens whose keys and values were cached; `nil` if not known yet.
    public var cachedTokens: Int?

    public init(promptTokens: Int = 0, completionTokens: Int = 0, cachedTokens: Int?) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.cachedTokens = cachedTokens
    }

    private struct PromptDetails: Encodable {
        let cachedTokens: Int

        enum CodingKeys: String, CodingKey { case cachedTokens = "cached_tokens" }
    }

    private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
        case promptDetails = "prompt_tokens_details"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(promptTokens, forKey: .promptTokens)
        try container.encode(completionTokens, forKey: .completionTokens)
        try container.encode(promptTokens + completionTokens, forKey: .totalTokens)
        try container.encodeIfPresent(
            cachedTokens.map(PromptDetails.init), forKey: .promptDetails)
    }
}

/// This server's own part of a response: how the request ran.
public struct RunReport: Sendable, Hashable, Encodable {
    public var isolation: String
    public var numerics: String
    /// Assignments of the request's tokens whose expert was full.
    public var droppedAssignments = 0
    /// Steps that its sequences shared with others.
    public var sharedSteps = 0

    public init(isolation: String, numerics: String) {
        self.isolation = isolation
        self.numerics = numerics
    }

    private enum CodingKeys: String, CodingKey {
        case isolation, numerics
        case droppedAssignments = "dropped_assignments"
        case sharedSteps = "shared_steps"
    }
}
