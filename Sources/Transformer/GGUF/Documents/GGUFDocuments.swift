import GGUF
import JSON
import Threads

/// The documents of a Hugging Face folder, translated from the metadata of a GGUF model.
struct GGUFDocuments: DocumentSource {
    private let model: GGUFModel
    /// Each is translated once: a vocabulary takes long, and loading asks for it more than once.
    private let translated = Locked<[DocumentName: DocumentText]>([:])

    /// - Throws: `CheckpointError` if it is no language model of a supported architecture.
    init(_ parts: GGUFParts) throws(CheckpointError) {
        do throws(GGUFError) {
            model = try GGUFModel(parts)
        } catch {
            throw CheckpointError(error)
        }
    }

    func document(_ name: DocumentName) throws(CheckpointError) -> (any Document)? {
        if let document = translated.withLock({ $0[name] }) { return document }
        do throws(GGUFError) {
            guard let text = try translation(name)?.text else { return nil }
            let document = DocumentText(text, path: path(of: name))
            translated.withLock { $0[name] = document }
            return document
        } catch {
            throw CheckpointError(error)
        }
    }

    private func translation(_ name: DocumentName) throws(GGUFError) -> JSONValue? {
        switch name {
        case .config: try GGUFConfig(model).document()
        case .generationConfig: try GGUFVocabulary(model.metadata).generationConfig()
        case .tokenizer: try GGUFVocabulary(model.metadata).tokenizer()
        case .tokenizerConfig:
            try GGUFVocabulary(model.metadata).tokenizerConfig(
                chatTemplates: GGUFChatTemplates(model.metadata),
                contextLength: model.integer("context_length"))
        // In `tokenizer_config.json`.
        case .chatTemplate: nil
        }
    }

    func path(of name: DocumentName) -> String { model.parts.path }
}
