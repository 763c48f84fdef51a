import GGUF
import JSON

extension GGUFVocabulary {
    /// Control tokens that end an answer in all models that have them.
    ///
    /// Source: `special_eog_ids` in src/llama-vocab.cpp of llama.cpp.
    private static let ends: Set<String> = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "</s>", "<|eom_id|>",
        "<EOT>",
        "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<｜end▁of▁sentence｜>",
    ]

    /// Tokens that end an answer: those with a role first.
    var endTokens: [Int] {
        var ids: [Int] = []
        let known = tokens.lazy.filter { $0.type == .control && Self.ends.contains($0.text) }.map(\.id)
        for id in [end, endOfTurn, endOfMessage].compactMap(\.self) + known where !ids.contains(id) {
            ids.append(id)
        }
        return ids
    }

    func generationConfig() throws(GGUFError) -> JSONValue {
        var members: [JSONValue.Member] = []
        members.add("bos_token_id", beginning)
        members.add("eos_token_id", .array(endTokens.map(JSONValue.integer)))
        members.add("pad_token_id", padding)
        return .object(members)
    }

    /// `contextLength`: the model's; `nil` if not known.
    func tokenizerConfig(
        chatTemplates: GGUFChatTemplates, contextLength: Int?
    ) throws(GGUFError) -> JSONValue {
        var members: [JSONValue.Member] = []
        // The class that takes `tokenizer.json` as it is.
        members.add("tokenizer_class", "PreTrainedTokenizerFast")
        members.add("model_max_length", contextLength)
        members.add("clean_up_tokenization_spaces", .bool(false))
        for (name, id) in [
            ("bos_token", beginning), ("eos_token", end), ("unk_token", unknown), ("pad_token", padding),
        ] {
            // `transformers` would make a special token of any other.
            guard let id, type(of: id).isAdded else { continue }
            members.add(name, .string(texts[id]))
        }
        members.add("chat_template", chatTemplates.json)
        return .object(members)
    }
}

/// The chat templates of a GGUF file.
struct GGUFChatTemplates {
    private static let key = "tokenizer.chat_template"

    private let main: String?
    private let named: [(name: String, template: String)]

    init(_ metadata: GGUFMetadata) throws(GGUFError) {
        main = try metadata.string(Self.key)
        var named: [(String, String)] = []
        for key in metadata.keys where key.hasPrefix(Self.key + ".") {
            guard let template = try metadata.string(key) else { continue }
            named.append((String(key.dropFirst(Self.key.count + 1)), template))
        }
        self.named = named
    }

    /// The value of `chat_template`: one template, or several by name.
    var json: JSONValue? {
        guard !named.isEmpty else { return main.map(JSONValue.string) }
        let others = named.filter { main == nil || $0.name != "default" }
        let all = (main.map { [("default", $0)] } ?? []) + others
        return .array(all.map { ["name": .string($0), "template": .string($1)] })
    }
}
