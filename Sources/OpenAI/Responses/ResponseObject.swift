import JSON

/// The response of `POST /v1/responses`, complete or in progress.
public struct ResponseObject: Sendable, Encodable {
    private struct TextFormat: Sendable, Encodable {
        let format: JSONValue
    }

    private struct Incomplete: Sendable, Encodable {
        let reason = "max_output_tokens"
    }

    private struct Reasoning: Sendable, Encodable {
        private enum CodingKeys: String, CodingKey { case effort, summary }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeNil(forKey: .effort)
            try container.encodeNil(forKey: .summary)
        }
    }

    private struct Failure: Sendable, Encodable {
        let code: String
        let message: String
    }

    private let id: String
    private let created: Int
    private let request: ResponsesRequest
    private let model: String
    /// `in_progress`, `completed`, `incomplete` or `failed`.
    public private(set) var status = "in_progress"
    private var output: [ResponseMessage] = []
    private var usage: Usage?
    private var report: RunReport?
    private var failure: Failure?

    /// `created`: seconds since 1970.
    public init(id: String, created: Int, model: String, request: ResponsesRequest) {
        self.id = id
        self.created = created
        self.model = model
        self.request = request
    }

    /// `isCut`: whether the text ended at `max_output_tokens`.
    public mutating func complete(
        _ text: String, messageID: String, isCut: Bool, usage: Usage, report: RunReport
    ) {
        status = isCut ? "incomplete" : "completed"
        output = [ResponseMessage(id: messageID, status: status, text: text)]
        self.usage = usage
        self.report = report
    }

    public mutating func fail(_ error: ErrorBody) {
        status = "failed"
        failure = Failure(code: "server_error", message: error.message)
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, status, error, instructions, model, output, reasoning, store, temperature, text
        case tools, truncation, usage, user, metadata, jostle, background
        case createdAt = "created_at"
        case incompleteDetails = "incomplete_details"
        case maximumTokens = "max_output_tokens"
        case parallelToolCalls = "parallel_tool_calls"
        case previousID = "previous_response_id"
        case toolChoice = "tool_choice"
        case topP = "top_p"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode("response", forKey: .object)
        try container.encode(created, forKey: .createdAt)
        try container.encode(status, forKey: .status)
        try container.encode(failure, forKey: .error)
        try container.encode(status == "incomplete" ? Incomplete() : nil, forKey: .incompleteDetails)
        try container.encode(request.instructions, forKey: .instructions)
        try container.encode(request.maximumTokens, forKey: .maximumTokens)
        try container.encode(model, forKey: .model)
        try container.encode(output, forKey: .output)
        try container.encode(true, forKey: .parallelToolCalls)
        try container.encodeNil(forKey: .previousID)
        try container.encode(Reasoning(), forKey: .reasoning)
        try container.encode(false, forKey: .background)
        try container.encode(false, forKey: .store)
        try container.encode(request.temperature ?? 1, forKey: .temperature)
        try container.encode(TextFormat(format: request.writtenFormat ?? ["type": "text"]), forKey: .text)
        try container.encode("auto", forKey: .toolChoice)
        try container.encode([String](), forKey: .tools)
        try container.encode(request.topP ?? 1, forKey: .topP)
        try container.encode("disabled", forKey: .truncation)
        try container.encode(usage.map(ResponseUsage.init), forKey: .usage)
        try container.encode(request.user, forKey: .user)
        try container.encode(request.metadata, forKey: .metadata)
        try container.encodeIfPresent(report, forKey: .jostle)
    }
}

/// Token usage in this endpoint's format.
private struct ResponseUsage: Encodable {
    let usage: Usage

    init(_ usage: Usage) {
        self.usage = usage
    }

    private enum CodingKeys: String, CodingKey {
        case input = "input_tokens"
        case inputDetails = "input_tokens_details"
        case output = "output_tokens"
        case outputDetails = "output_tokens_details"
        case total = "total_tokens"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(usage.promptTokens, forKey: .input)
        try container.encode(["cached_tokens": usage.cachedTokens ?? 0], forKey: .inputDetails)
        try container.encode(usage.completionTokens, forKey: .output)
        try container.encode(["reasoning_tokens": 0], forKey: .outputDetails)
        try container.encode(usage.promptTokens + usage.completionTokens, forKey: .total)
    }
}

/// The text of a message.
public struct ResponseText: Sendable, Encodable {
    private let type = "output_text"
    private let text: String
    private let annotations: [String] = []
    private let logprobs: [String] = []

    public init(_ text: String) {
        self.text = text
    }

    private enum CodingKeys: String, CodingKey { case type, text, annotations, logprobs }
}

/// The only item of a response's output.
public struct ResponseMessage: Sendable, Encodable {
    private let type = "message"
    private let id: String
    private let status: String
    private let role = "assistant"
    private let content: [ResponseText]

    /// `text`: `nil` before it has started.
    public init(id: String, status: String, text: String?) {
        self.id = id
        self.status = status
        content = text.map { [ResponseText($0)] } ?? []
    }

    private enum CodingKeys: String, CodingKey { case type, id, status, role, content }
}

/// An event of a streamed response.
public struct ResponseEvent: Sendable, Encodable {
    private let type: String
    private let number: Int
    public var response: ResponseObject?
    public var itemID: String?
    public var outputIndex: Int?
    public var contentIndex: Int?
    public var item: ResponseMessage?
    public var part: ResponseText?
    public var delta: String?
    public var text: String?
    public var logprobs: [String]?

    public init(type: String, number: Int) {
        self.type = type
        self.number = number
    }

    private enum CodingKeys: String, CodingKey {
        case type, response, item, part, delta, text, logprobs
        case number = "sequence_number"
        case itemID = "item_id"
        case outputIndex = "output_index"
        case contentIndex = "content_index"
    }

    /// Formats it as a server-sent event.
    public var frame: [UInt8] {
        Array("event: \(type)\ndata: ".utf8) + JSONText.encode(self) + Array("\n\n".utf8)
    }
}
