import FoundationEssentials
import Jinja

extension ChatTemplate {
    /// Reads the template of a checkpoint: `chat_template.jinja`, or else `chat_template` of `tokenizer_config.json`.
    ///
    /// - Returns: `nil` if there is neither.
    /// - Throws: `CheckpointError` with the document and line at fault.
    init?(_ documents: any DocumentSource) throws(CheckpointError) {
        let path = documents.path(of: .tokenizerConfig)
        let config = try documents.document(.tokenizerConfig)?.decodeJSON(TokenizerConfig.self)
        let template: Template
        if let source = try documents.text(of: .chatTemplate) {
            template = try Self.template(source, path: documents.path(of: .chatTemplate), place: "")
        } else if let sources = config?.chatTemplate {
            guard let source = sources.default else {
                throw CheckpointError(path, "`chat_template` has several templates, but none named default")
            }
            template = try Self.template(source, path: path, place: "`chat_template`, ")
        } else {
            return nil
        }
        let tokens = config?.specialTokens ?? [:]
        self.init(template, specialTokens: tokens, ends: tokens["eos_token"].map { [$0] } ?? [])
    }

    private static func template(
        _ source: String, path: String, place: String
    ) throws(CheckpointError) -> Template {
        do throws(TemplateError) {
            return try Template(source)
        } catch {
            throw CheckpointError(path, place + error.description)
        }
    }
}

/// The chat-related fields of `tokenizer_config.json`.
private struct TokenizerConfig: Decodable {
    /// One template, or several by name.
    struct Sources: Decodable {
        private struct Named: Decodable {
            let name: String
            let template: String
        }

        /// `nil` if there are several and none has that name.
        let `default`: String?

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            do {
                `default` = try container.decode(String.self)
            } catch DecodingError.typeMismatch {
                `default` = try container.decode([Named].self).last { $0.name == "default" }?.template
            }
        }
    }

    /// A token's text, alone or in an object.
    private struct SpecialToken: Decodable {
        private enum CodingKeys: String, CodingKey { case content }

        let content: String

        init(from decoder: any Decoder) throws {
            do {
                content = try decoder.singleValueContainer().decode(String.self)
            } catch DecodingError.typeMismatch {
                content = try decoder.container(keyedBy: CodingKeys.self).decode(
                    String.self, forKey: .content)
            }
        }
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case chatTemplate = "chat_template"
        case beginning = "bos_token"
        case end = "eos_token"
        case unknown = "unk_token"
        case separator = "sep_token"
        case padding = "pad_token"
        case classification = "cls_token"
        case mask = "mask_token"
    }

    let chatTemplate: Sources?
    /// By the names that templates use.
    let specialTokens: [String: String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        chatTemplate = try container.decodeIfPresent(Sources.self, forKey: .chatTemplate)
        var tokens: [String: String] = [:]
        for key in CodingKeys.allCases where key != .chatTemplate {
            tokens[key.rawValue] = try container.decodeIfPresent(SpecialToken.self, forKey: key)?.content
        }
        specialTokens = tokens
    }
}
