import Engine
import Tokenizers
import Transformer

/// What follows from checkpoints where nobody says; each is read once.
struct CheckpointDefaults {
    private let cacheBlocks: Int?
    private var checkpoints: [String: Checkpoint] = [:]
    private var configs: [String: ModelConfig] = [:]
    private var templates: [String: ModelCatalog.ChatTemplateSource?] = [:]

    init(cacheBlocks: Int?) {
        self.cacheBlocks = cacheBlocks
    }

    private mutating func checkpoint(at path: String) throws(CheckpointError) -> Checkpoint {
        if let checkpoint = checkpoints[path] { return checkpoint }
        let checkpoint = try Checkpoint(at: path)
        checkpoints[path] = checkpoint
        return checkpoint
    }

    mutating func config(at path: String) throws(CheckpointError) -> ModelConfig {
        if let config = configs[path] { return config }
        let config = try checkpoint(at: path).config()
        configs[path] = config
        return config
    }

    /// The checkpoint's own template, else ChatML if the vocabulary has its tokens, else none.
    mutating func chatTemplate(at path: String) throws(CheckpointError) -> ModelCatalog.ChatTemplateSource? {
        if let template = templates[path] { return template }
        let checkpoint = try checkpoint(at: path)
        var template: ModelCatalog.ChatTemplateSource?
        if try checkpoint.chatTemplate() != nil {
            template = .checkpoint
        } else {
            let tokens = try checkpoint.tokenizer().specialTokens
            template = ["<|im_start|>", "<|im_end|>"].allSatisfy { tokens[$0] != nil } ? .chatML : nil
        }
        templates[path] = template
        return template
    }

    /// The checkpoint's own context length, but no more than fits into the KV cache of an engine.
    func contextLength(_ config: ModelConfig) -> Int {
        var sizes = EngineSizes()
        sizes.cacheBlocks = cacheBlocks
        return sizes.contextThatFits(config)
    }
}

extension ModelCatalog.Entry {
    /// Adds what `model` leaves open.
    init(
        _ model: CatalogModel, checkpoint: CheckpointWord, _ defaults: inout CheckpointDefaults
    ) throws(CatalogError) {
        let config: ModelConfig
        var template = model.chatTemplate
        do throws(CheckpointError) {
            config = try defaults.config(at: checkpoint.path)
            if template == nil, model.endpoints == nil {
                template = try defaults.chatTemplate(at: checkpoint.path)
            }
        } catch {
            throw model.error("checkpoint", error.description, .unservableCheckpoint)
        }
        if let length = model.contextLength, length > config.maximumPositions {
            throw model.error(
                "context_length",
                "context_length \(length) is more than the \(config.maximumPositions) positions of \(checkpoint.label)"
            )
        }
        self.init(
            name: model.name, checkpoint: checkpoint,
            endpoints: model.endpoints ?? (template == nil ? [.completions] : [.chat, .completions]),
            chatTemplate: template ?? .checkpoint,
            contextLength: model.contextLength ?? defaults.contextLength(config),
            maximumTokenID: model.maximumTokenID ?? config.vocabularySize - 1,
            tokenAliases: model.tokenAliases, rule: model.rule, isolation: model.isolation,
            numerics: model.numerics, weightType: model.weightType, ownedBy: model.ownedBy)
    }
}
