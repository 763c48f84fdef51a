/// `{"error": {"message", "type", "param", "code"}}`.
///
/// All four fields are always present.
public struct ErrorBody: Sendable, Hashable, Encodable {
    private let error: Content

    public var message: String { error.message }
    public var code: String? { error.code }

    private struct Content: Sendable, Hashable, Encodable {
        let message: String
        let type: String
        let param: String?
        let code: String?

        enum CodingKeys: String, CodingKey { case message, type, param, code }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(message, forKey: .message)
            try container.encode(type, forKey: .type)
            try container.encode(param, forKey: .param)
            try container.encode(code, forKey: .code)
        }
    }

    public init(message: String, type: String, param: String? = nil, code: String? = nil) {
        error = Content(message: message, type: type, param: param, code: code)
    }
}
