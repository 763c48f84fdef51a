/// What a folder says of its tokenizer.
public struct TokenizerSummary: Sendable {
    /// The kind of model: `BPE`.
    public let kind: String
    /// One more than the greatest token id.
    public let vocabularySize: Int
    /// Texts of the special tokens, in the order of their ids.
    public let specialTokens: [String]
    /// Whether the folder has a chat template, in `tokenizer_config.json` or in a file of its own.
    public let hasChatTemplate: Bool

    init(_ tokenizer: Tokenizer, folder: String) {
        let file = try? MappedFile(path: folder + "/tokenizer.json").decodeJSON(ModelKind.self)
        // A file that leaves the type out is of the oldest kind.
        kind = file?.model.type ?? "BPE"
        vocabularySize = tokenizer.vocabularySize
        specialTokens = tokenizer.specialTokens.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        let settings = try? MappedFile(path: folder + "/tokenizer_config.json").decodeJSON(Settings.self)
        hasChatTemplate =
            settings?.chatTemplate != nil || MappedFile.exists(folder + "/chat_template.jinja")
            || MappedFile.exists(folder + "/chat_template.json")
    }

    private struct ModelKind: Decodable {
        struct Model: Decodable { let type: String? }
        let model: Model
    }

    private struct Settings: Decodable {
        /// A text, or an object for each of several.
        struct Template: Decodable {}
        let chatTemplate: Template?

        enum CodingKeys: String, CodingKey { case chatTemplate = "chat_template" }
    }
}
