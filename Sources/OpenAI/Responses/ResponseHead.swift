/// The first fields of every completion and every chunk.
public struct ResponseHead: Sendable, Hashable, Encodable {
    public let id: String
    /// `chat.completion`, `chat.completion.chunk` or `text_completion`.
    public let object: String
    /// Seconds since 1970.
    public let created: Int
    public let model: String
    /// Changes when weights, routing, numerics or isolation change.
    public let systemFingerprint: String

    public init(id: String, object: String, created: Int, model: String, systemFingerprint: String) {
        self.id = id
        self.object = object
        self.created = created
        self.model = model
        self.systemFingerprint = systemFingerprint
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, created, model
        case systemFingerprint = "system_fingerprint"
    }
}
