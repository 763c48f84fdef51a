import GGUF
import JSON

/// The tokens of a GGUF file: the keys `tokenizer.ggml.*`.
struct GGUFVocabulary {
    enum Key {
        static let model = "tokenizer.ggml.model"
        static let preTokenizer = "tokenizer.ggml.pre"
        static let tokens = "tokenizer.ggml.tokens"
        static let types = "tokenizer.ggml.token_type"
        static let scores = "tokenizer.ggml.scores"
        static let merges = "tokenizer.ggml.merges"
        static let addsBeginning = "tokenizer.ggml.add_bos_token"
        static let addsEnd = "tokenizer.ggml.add_eos_token"
        static let addsSpace = "tokenizer.ggml.add_space_prefix"
    }

    /// The supported values of `tokenizer.ggml.model`.
    enum Model: String, CaseIterable {
        /// Byte-level BPE.
        case gpt2
        /// BPE of SentencePiece.
        case llama
    }

    /// The raw values are those of `tokenizer.ggml.token_type`.
    enum TokenType: Int64 {
        case undefined, normal, unknown, control, userDefined, unused, byte

        /// Whether it is searched for in the text before the model runs.
        var isAdded: Bool { self == .unknown || self == .control || self == .userDefined }
    }

    struct Token {
        let id: Int
        let text: String
        let type: TokenType
    }

    let metadata: GGUFMetadata
    let model: Model
    let texts: [String]
    private let types: [Int64]?
    /// Tokens by role; `nil` for none.
    let beginning: Int?
    let end: Int?
    let endOfTurn: Int?
    let endOfMessage: Int?
    let unknown: Int?
    let padding: Int?

    init(_ metadata: GGUFMetadata) throws(GGUFError) {
        self.metadata = metadata
        model = try Self.model(metadata)
        guard let texts = try metadata.strings(Key.tokens) else {
            throw metadata.error(Key.tokens, "is missing")
        }
        types = try metadata.integers(Key.types)
        if let types, types.count != texts.count {
            throw metadata.error(Key.types, "has \(types.count) entries for \(texts.count) tokens")
        }
        self.texts = texts
        func role(_ name: String, default id: Int?) throws(GGUFError) -> Int? {
            let key = "tokenizer.ggml.\(name)_token_id"
            // Some converters wrote −1 for none.
            guard let id = try metadata.integer(key) ?? id, id != -1, id != UInt32.max else { return nil }
            guard texts.indices.contains(id) else {
                throw metadata.error(key, "is \(id), but there are \(texts.count) tokens")
            }
            return id
        }
        // What SentencePiece's trainer gives them.
        let isPiece = model == .llama
        beginning = try role("bos", default: isPiece ? 1 : nil)
        end = try role("eos", default: isPiece ? 2 : nil)
        unknown = try role("unknown", default: isPiece ? 0 : nil)
        endOfTurn = try role("eot", default: nil)
        endOfMessage = try role("eom", default: nil)
        padding = try role("padding", default: nil)
    }

    private static func model(_ metadata: GGUFMetadata) throws(GGUFError) -> Model {
        guard let name = try metadata.string(Key.model) else { throw metadata.error(Key.model, "is missing") }
        guard let model = Model(rawValue: name) else {
            let supported = Model.allCases.map(\.rawValue).joined(separator: " and ")
            throw metadata.error(
                Key.model, "is \(name), which is not supported; supported are \(supported)")
        }
        return model
    }

    /// In files without types, tokens with a role are control tokens.
    func type(of id: Int) -> TokenType {
        guard let types else {
            return [beginning, end, unknown, endOfTurn, endOfMessage, padding].contains(id)
                ? .control : .normal
        }
        return TokenType(rawValue: types[id]) ?? .undefined
    }

    /// The tokens that stand for text or structure.
    ///
    /// Others only fill the model's vocabulary up: `tokenizer.json` does not have them.
    var tokens: [Token] {
        texts.indices.lazy.map { Token(id: $0, text: texts[$0], type: type(of: $0)) }
            .filter { $0.type != .unused && !$0.text.isEmpty }
    }
}
