/// The parts of a `tokenizer.json` that decide ids; everything this tokenizer cannot do is refused.
///
/// `truncation` and `padding` are settings for batches, not properties of the text, and are ignored.
struct TokenizerFile: Decodable {
    struct AddedToken: Decodable, Sendable {
        let id: TokenID
        let content: String
        let special: Bool
        let normalized: Bool
        let singleWord: Bool
        let lstrip: Bool
        let rstrip: Bool

        enum CodingKeys: String, CodingKey {
            case id, content, special, normalized, lstrip, rstrip
            case singleWord = "single_word"
        }
    }

    /// A merge, written as `"a b"` or `["a", "b"]`.
    struct Pair: Decodable {
        let left: String
        let right: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            let parts: [String]
            do {
                parts = try value.decode([String].self)
            } catch DecodingError.typeMismatch {
                let line = try value.decode(String.self)
                parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                    .map { String(Substring($0)) }
            }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw DecodingError.dataCorruptedError(
                    in: value, debugDescription: "A merge joins two pieces.")
            }
            (left, right) = (parts[0], parts[1])
        }
    }

    struct Model: Decodable {
        let type: String?
        let vocab: [String: TokenID]
        let merges: [Pair]
        let dropout: Double?
        let unknownToken: String?
        let continuingSubwordPrefix: String?
        let endOfWordSuffix: String?
        let byteFallback: Bool?
        private let ignoreMerges: Bool?

        var ignoresMerges: Bool { ignoreMerges ?? false }

        enum CodingKeys: String, CodingKey {
            case type, vocab, merges, dropout
            case unknownToken = "unk_token"
            case continuingSubwordPrefix = "continuing_subword_prefix"
            case endOfWordSuffix = "end_of_word_suffix"
            case byteFallback = "byte_fallback"
            case ignoreMerges = "ignore_merges"
        }
    }

    /// A normalizer, pre-tokenizer, post-processor or decoder.
    struct Stage: Decodable {
        let type: String
        let addPrefixSpace: Bool?
        let useRegex: Bool?

        enum CodingKeys: String, CodingKey {
            case type
            case addPrefixSpace = "add_prefix_space"
            case useRegex = "use_regex"
        }
    }

    /// Only the type of the model, to be known before its vocabulary is read.
    private struct ModelType: Decodable {
        struct Model: Decodable {
            let type: String?
        }
        let model: Model
    }

    let addedTokens: [AddedToken]
    let normalizer: Stage?
    let preTokenizer: Stage?
    let postProcessor: Stage?
    let decoder: Stage?
    let model: Model

    var addsPrefixSpace: Bool { preTokenizer?.addPrefixSpace ?? true }

    enum CodingKeys: String, CodingKey {
        case normalizer, decoder, model
        case addedTokens = "added_tokens"
        case preTokenizer = "pre_tokenizer"
        case postProcessor = "post_processor"
    }

    init(contentsOf path: String) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        let type = try file.decodeJSON(ModelType.self).model.type
        guard type ?? "BPE" == "BPE" else {
            throw CheckpointError(path, "`model.type` is \(type ?? ""); only byte-level BPE is supported")
        }
        self = try file.decodeJSON(TokenizerFile.self)
        if let problem = stageProblem ?? modelProblem ?? addedTokenProblem {
            throw CheckpointError(path, problem)
        }
    }

    private var stageProblem: String? {
        if let normalizer { return "`normalizer` is \(normalizer.type); only null is supported" }
        guard let preTokenizer, preTokenizer.type == "ByteLevel" else {
            return "`pre_tokenizer` is \(preTokenizer?.type ?? "null"); only ByteLevel is supported"
        }
        guard preTokenizer.useRegex ?? true else {
            return "`pre_tokenizer.use_regex` is false; only true is supported"
        }
        if let postProcessor, postProcessor.type != "ByteLevel" {
            return "`post_processor` is \(postProcessor.type); only ByteLevel or null is supported"
        }
        if let decoder, decoder.type != "ByteLevel" {
            return "`decoder` is \(decoder.type); only ByteLevel or null is supported"
        }
        return nil
    }

    private var modelProblem: String? {
        if let dropout = model.dropout, dropout != 0 {
            return "`model.dropout` is \(dropout); a served tokenizer must not be random"
        }
        if model.byteFallback == true {
            return "`model.byte_fallback` is true; only byte-level BPE is supported"
        }
        if let prefix = model.continuingSubwordPrefix, !prefix.isEmpty {
            return "`model.continuing_subword_prefix` is `\(prefix)`; it is not supported"
        }
        if let suffix = model.endOfWordSuffix, !suffix.isEmpty {
            return "`model.end_of_word_suffix` is `\(suffix)`; it is not supported"
        }
        return nil
    }

    private var addedTokenProblem: String? {
        for token in addedTokens {
            if token.content.isEmpty { return "added token \(token.id) is empty" }
            if token.singleWord || token.lstrip || token.rstrip {
                return
                    "added token `\(token.content)` asks for single_word, lstrip or rstrip, which are not supported"
            }
        }
        return nil
    }
}
