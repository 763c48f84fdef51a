import Jinja
public import JSON
public import Tokenizers

/// Turns chat messages into a prompt, with the checkpoint's own Jinja template or a built-in one.
public struct ChatTemplate: Sendable {
    public struct Message: Sendable, Hashable {
        public var role: String
        public var content: String
        /// Other fields that the template may read, such as `tool_calls`.
        public var others: [JSONValue.Member]

        public init(role: String, content: String, others: [JSONValue.Member] = []) {
            self.role = role
            self.content = content
            self.others = others
        }
    }

    /// ChatML: turns such as `<|im_start|>role\ncontent<|im_end|>\n`, then `<|im_start|>assistant\n`.
    public static let chatML: ChatTemplate = {
        do {
            return ChatTemplate(
                try Template(
                    """
                    {% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}\
                    {% endfor %}{{ '<|im_start|>assistant\\n' }}
                    """), specialTokens: [:], ends: ["<|im_end|>", "<|endoftext|>"])
        } catch {
            preconditionFailure("the built-in template: \(error)")
        }
    }()

    /// Roles spelled by this server.
    ///
    /// A template may build a marker from one, so other spellings count as the client's text.
    private static let knownRoles: Set<String> = [
        "system", "developer", "user", "assistant", "tool", "function",
    ]

    private let template: Template
    /// The checkpoint's special tokens by role, such as `bos_token`.
    private let specialTokens: [String: String]
    /// Special tokens that end the assistant's turn.
    private let ends: [String]

    init(_ template: Template, specialTokens: [String: String], ends: [String]) {
        self.template = template
        self.specialTokens = specialTokens
        self.ends = ends
    }

    /// The token ids of the rendered conversation, up to the start of the assistant's turn.
    ///
    /// They equal those of `transformers`, except in text from the client: there, markers stay plain text, so that a
    /// client cannot forge a turn. A marker that is no special token of the vocabulary is plain text too.
    ///
    /// `tools`: the functions that the model may call, as given to the template.
    ///
    /// - Throws: `UnsuitableMessages` if the template refuses the messages or cannot render them.
    public func render(
        _ messages: [Message], tools: [JSONValue] = [], with tokenizer: Tokenizer
    ) throws(UnsuitableMessages) -> [TokenID] {
        var context: [String: ContextValue] = [
            "messages": .list(messages.map(Self.value)), "add_generation_prompt": .bool(true),
            "tools": tools.isEmpty ? .none : ContextValue(.array(tools)), "documents": .none,
        ]
        for (name, token) in specialTokens { context[name] = .templateText(token) }
        let segments: [Segment]
        do throws(TemplateError) {
            segments = try template.render(context)
        } catch {
            throw UnsuitableMessages(error)
        }
        do throws(TokenizationError) {
            return try tokenizer.encode(segments)
        } catch {
            throw UnsuitableMessages(error)
        }
    }

    private static func value(_ message: Message) -> ContextValue {
        .mapping(
            [
                .init(
                    "role",
                    knownRoles.contains(message.role) ? .templateText(message.role) : .text(message.role)),
                .init("content", .text(message.content)),
            ] + message.others.map { .init($0.name, ContextValue($0.value)) })
    }

    /// Tokens that end the assistant's turn, if the vocabulary has them.
    public func stopTokens(in tokenizer: Tokenizer) -> Set<TokenID> {
        Set(ends.compactMap { tokenizer.specialTokens[$0] })
    }
}

/// Why a chat template cannot render messages.
public struct UnsuitableMessages: Error, Hashable, CustomStringConvertible {
    /// The template's own message if it refused, otherwise what went wrong.
    public let description: String

    init(_ error: TemplateError) {
        description =
            error.kind == .raised
            ? error.message : "The chat template cannot render these messages: \(error.description)."
    }

    init(_ error: TokenizationError) {
        description = "The messages cannot be tokenized, because \(error)."
    }
}
