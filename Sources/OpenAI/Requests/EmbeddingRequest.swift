/// The body of `POST /v1/embeddings`.
public struct EmbeddingRequest: Sendable, Hashable {
    public enum Format: String, Sendable, Hashable, CaseIterable {
        case float
        /// Little-endian 32-bit floats in base64: the default of current clients.
        case base64
    }

    public let model: String
    public let inputs: [CompletionRequest.Prompt]
    public let format: Format
    /// The requested vector length, if any.
    public let dimensions: Int?
    public let isolation: String?
    /// Time limit of the request, in seconds.
    public let timeout: Double?

    /// The names of all known fields.
    public static let known: Set<String> = [
        "model", "input", "encoding_format", "dimensions", "user", "isolation", "timeout",
    ]

    public init(parsing body: [UInt8]) throws(InvalidField) {
        let fields = try RequestFields(body: body, known: Self.known)
        model = try fields.model()
        guard let input = fields["input"] else {
            throw fields.missing("input")
        }
        inputs = try CompletionRequest.prompts(input, of: "input")
        format = try fields.choice("encoding_format", of: Format.self) ?? .float
        dimensions = try fields.integer("dimensions", in: 1...Int.max)
        isolation = try fields.string("isolation")
        timeout = try fields.timeout()
        _ = try fields.string("user")
    }
}

/// The response of `POST /v1/embeddings`.
public struct EmbeddingResponse: Sendable, Encodable {
    private struct Entry: Sendable, Encodable {
        let object = "embedding"
        let index: Int
        let embedding: Vector
    }

    private enum Vector: Sendable, Encodable {
        case floats([Float])
        case base64(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .floats(let floats): try container.encode(floats)
            case .base64(let text): try container.encode(text)
            }
        }
    }

    private struct Usage: Sendable, Encodable {
        let promptTokens: Int

        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case totalTokens = "total_tokens"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(promptTokens, forKey: .promptTokens)
            try container.encode(promptTokens, forKey: .totalTokens)
        }
    }

    private let object = "list"
    private let data: [Entry]
    private let model: String
    private let usage: Usage

    public init(
        _ embeddings: [[Float]], format: EmbeddingRequest.Format, model: String, promptTokens: Int
    ) {
        data = embeddings.enumerated().map { index, embedding in
            Entry(
                index: index,
                embedding: format == .float ? .floats(embedding) : .base64(embedding.base64))
        }
        self.model = model
        usage = Usage(promptTokens: promptTokens)
    }

    private enum CodingKeys: String, CodingKey { case object, data, model, usage }
}
