import Jinja
public import JSON
public import Tokenizers

/// How chat messages become a prompt: a Jinja template, the checkpoint's own or a built-in one.
public struct ChatTemplate: Sendable {
    public struct Message: Sendable, Hashable {
        public var role: String
        public var content: String
        /// What else the template may use, such as `tool_calls`.
        public var others: [JSONValue.Member]

        public init(role: String, content: String, others: [JSONValue.Member] = []) {
            self.role = role
            self.content = content
            self.others = others
        }
    }

    /// Turns as in `<|im_start|>role\ncontent<|im_end|>\n`, then `<|im_start|>assistant\n`.
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

    /// Roles of which this server, not the client, chose the spelling: a template may build a marker with one.
    private static let knownRoles: Set<String> = [
        "system", "developer", "user", "assistant", "tool", "function",
    ]

    private let template: Template
    /// The checkpoint's special tokens by what they are for, as `bos_token`.
    private let specialTokens: [String: String]
    /// Special tokens that end the assistant's turn.
    private let ends: [String]

    init(_ template: Template, specialTokens: [String: String], ends: [String]) {
        self.template = template
        self.specialTokens = specialTokens
        self.ends = ends
    }

    /// Token ids of the rendered conversation, ready for the assistant's turn.
    ///
    /// They are those that `transformers` gives for it, but for what the client wrote: markers inside a message stay
    /// plain text, and a client cannot forge a turn. Where the vocabulary has no special token for a marker, the
    /// marker itself is plain text.
    ///
    /// `tools`: the functions that the model may call, as the template is told of them.
    ///
    /// - Throws: `UnsuitableMessages` where the template refuses the messages or cannot render them.
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

    /// Tokens that end the assistant's turn, where the vocabulary has them.
    public func stopTokens(in tokenizer: Tokenizer) -> Set<TokenID> {
        Set(ends.compactMap { tokenizer.specialTokens[$0] })
    }
}

/// Why a chat template has no prompt for messages.
public struct UnsuitableMessages: Error, Hashable, CustomStringConvertible {
    /// The template's own words where it refuses the messages, otherwise what went wrong in it.
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
