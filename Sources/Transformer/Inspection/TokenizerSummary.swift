import Tokenizers

/// What a folder says of its tokenizer.
public struct TokenizerSummary: Sendable {
    /// The kind of model: no other is read.
    public let kind = "BPE"
    /// One more than the greatest token id.
    public let vocabularySize: Int
    /// Texts of the special tokens, in the order of their ids.
    public let specialTokens: [String]
    /// Whether the folder has a chat template that can be read.
    public let hasChatTemplate: Bool
    /// Why its chat template cannot be read, which is no hindrance to completions of texts.
    public let chatTemplateProblem: CheckpointError?

    init(_ tokenizer: Tokenizer, folder: String) {
        vocabularySize = tokenizer.vocabularySize
        specialTokens = tokenizer.specialTokens.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        do throws(CheckpointError) {
            hasChatTemplate = try ChatTemplate(checkpoint: folder) != nil
            chatTemplateProblem = nil
        } catch {
            hasChatTemplate = false
            chatTemplateProblem = error
        }
    }
}
