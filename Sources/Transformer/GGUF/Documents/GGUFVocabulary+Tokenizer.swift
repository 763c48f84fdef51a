import GGUF
import JSON

extension GGUFVocabulary {
    /// Translates the vocabulary to `tokenizer.json`.
    func tokenizer() throws(GGUFError) -> JSONValue {
        let index = try GGUFTokenIndex(self)
        switch model {
        case .gpt2: return try byteLevel(index)
        case .llama: return try sentencePiece(index)
        }
    }

    private func byteLevel(_ index: GGUFTokenIndex) throws(GGUFError) -> JSONValue {
        let preTokenizer = try GGUFPreTokenizer(metadata)
        let model: JSONValue = [
            "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": .null,
            "end_of_word_suffix": .null, "fuse_unk": .bool(false), "byte_fallback": .bool(false),
            "ignore_merges": .bool(preTokenizer.ignoresMerges), "vocab": vocabulary,
            "merges": try index.storedMerges(),
        ]
        let processors = [GGUFPreTokenizer.byteLevel(usesPattern: true)]
        let addition = try template(addsBeginning: preTokenizer.addsBeginning)
        return document(
            normalizer: preTokenizer.isComposing ? ["type": "NFC"] : .null,
            preTokenizer: preTokenizer.json,
            postProcessor: [
                "type": "Sequence", "processors": .array(processors + [addition].compactMap(\.self)),
            ],
            decoder: GGUFPreTokenizer.byteLevel(usesPattern: true), model: model)
    }

    /// As `transformers` converts a model of SentencePiece.
    private func sentencePiece(_ index: GGUFTokenIndex) throws(GGUFError) -> JSONValue {
        let addsSpace = try metadata.bool(Key.addsSpace) ?? true
        func replace(_ text: String, by content: String) -> JSONValue {
            ["type": "Replace", "pattern": ["String": .string(text)], "content": .string(content)]
        }
        let prepend: JSONValue = ["type": "Prepend", "prepend": "▁"]
        let strip: JSONValue = ["type": "Strip", "content": " ", "start": .integer(1), "stop": .integer(0)]
        let decoders = [replace("▁", by: " "), ["type": "ByteFallback"], ["type": "Fuse"]]
        let model: JSONValue = [
            "type": "BPE", "dropout": .null, "unk_token": unknown.map { .string(texts[$0]) } ?? .null,
            "continuing_subword_prefix": .null, "end_of_word_suffix": .null, "fuse_unk": .bool(true),
            "byte_fallback": .bool(true), "ignore_merges": .bool(false), "vocab": vocabulary,
            "merges": try index.derivedMerges(),
        ]
        return document(
            normalizer: [
                "type": "Sequence",
                "normalizers": .array((addsSpace ? [prepend] : []) + [replace(" ", by: "▁")]),
            ],
            preTokenizer: .null, postProcessor: try template(addsBeginning: true) ?? .null,
            decoder: ["type": "Sequence", "decoders": .array(decoders + (addsSpace ? [strip] : []))],
            model: model)
    }

    private func document(
        normalizer: JSONValue, preTokenizer: JSONValue, postProcessor: JSONValue, decoder: JSONValue,
        model: JSONValue
    ) -> JSONValue {
        [
            "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": addedTokens,
            "normalizer": normalizer, "pre_tokenizer": preTokenizer, "post_processor": postProcessor,
            "decoder": decoder, "model": model,
        ]
    }

    private var vocabulary: JSONValue {
        .object(tokens.map { JSONValue.Member($0.text, .integer($0.id)) })
    }

    private var addedTokens: JSONValue {
        .array(
            tokens.filter(\.type.isAdded).map { token in
                [
                    "id": .integer(token.id), "content": .string(token.text), "single_word": .bool(false),
                    "lstrip": .bool(false), "rstrip": .bool(false), "normalized": .bool(false),
                    "special": .bool(token.type != .userDefined),
                ]
            })
    }

    /// The post-processor that adds the tokens around a prompt; `nil` if there are none.
    ///
    /// `addsBeginning`: whether there is one at the beginning, if the file does not say.
    private func template(addsBeginning: Bool) throws(GGUFError) -> JSONValue? {
        func added(_ id: Int?, _ key: String, default isAdded: Bool) throws(GGUFError) -> [Int] {
            let flag = try metadata.bool(key)
            guard flag ?? isAdded else { return [] }
            guard let id else {
                guard flag == nil else { throw metadata.error(key, "is true, but there is no such token") }
                return []
            }
            return [id]
        }
        let prefix = try added(beginning, Key.addsBeginning, default: addsBeginning)
        let suffix = try added(end, Key.addsEnd, default: false)
        guard !prefix.isEmpty || !suffix.isEmpty else { return nil }
        func special(_ id: Int, _ type: Int) -> JSONValue {
            ["SpecialToken": ["id": .string(texts[id]), "type_id": .integer(type)]]
        }
        func sequence(_ name: String, _ type: Int) -> [JSONValue] {
            prefix.map { special($0, type) }
                + [["Sequence": ["id": .string(name), "type_id": .integer(type)]]]
                + suffix.map { special($0, type) }
        }
        let ids = Set(prefix + suffix).sorted().map { id in
            JSONValue.Member(
                texts[id],
                [
                    "id": .string(texts[id]), "ids": .array([.integer(id)]),
                    "tokens": .array([.string(texts[id])]),
                ])
        }
        return [
            "type": "TemplateProcessing", "single": .array(sequence("A", 0)),
            "pair": .array(sequence("A", 0) + sequence("B", 1)), "special_tokens": .object(ids),
        ]
    }
}
