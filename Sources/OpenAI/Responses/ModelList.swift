/// One entry of `GET /v1/models`.
public struct ModelCard: Sendable, Hashable, Encodable {
    private let id: String
    private let object = "model"
    private let created: Int
    private let ownedBy: String
    private let maximumLength: Int

    /// `created`: seconds since 1970.
    ///
    /// `maximumLength`: maximum tokens of prompt and completion together.
    public init(id: String, created: Int, ownedBy: String, maximumLength: Int) {
        self.id = id
        self.created = created
        self.ownedBy = ownedBy
        self.maximumLength = maximumLength
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, created
        case ownedBy = "owned_by"
        case maximumLength = "max_model_len"
    }
}

/// The response of `GET /v1/models`.
public struct ModelList: Sendable, Hashable, Encodable {
    private let object = "list"
    private let data: [ModelCard]

    public init(_ data: [ModelCard]) {
        self.data = data
    }

    private enum CodingKeys: String, CodingKey { case object, data }
}
