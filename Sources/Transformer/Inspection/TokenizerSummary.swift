import Tokenizers

/// What a checkpoint says about its tokenizer.
public struct TokenizerSummary: Sendable {
    /// The kind of model; only one is supported.
    public let kind = "BPE"
    /// The greatest token id plus one.
    public let vocabularySize: Int
    /// The special tokens' texts, by id.
    public let specialTokens: [String]
    /// Whether the checkpoint has a readable chat template.
    public let hasChatTemplate: Bool
    /// Why the chat template cannot be read.
    ///
    /// Plain completions still work.
    public let chatTemplateProblem: CheckpointError?

    init(_ tokenizer: Tokenizer, of checkpoint: Checkpoint) {
        vocabularySize = tokenizer.vocabularySize
        specialTokens = tokenizer.specialTokens.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
        do throws(CheckpointError) {
            hasChatTemplate = try checkpoint.chatTemplate() != nil
            chatTemplateProblem = nil
        } catch {
            hasChatTemplate = false
            chatTemplateProblem = error
        }
    }
}
