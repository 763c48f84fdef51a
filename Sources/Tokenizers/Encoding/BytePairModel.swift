import JSON

/// The `model` of a `tokenizer.json`: its vocabulary and its merges by rank.
struct BytePairModel {
    /// A pair that becomes one token.
    ///
    /// Merges are sorted by rank.
    struct Merge {
        let left: TokenID
        let right: TokenID
        let token: TokenID
    }

    let vocabulary: Vocabulary
    let merges: [Merge]
    /// Replaces characters that have no token and no byte tokens.
    let unknown: TokenID?
    let fusesUnknown: Bool
    /// The byte tokens `<0x00>` … `<0xFF>`, which spell characters without a token; `nil` if the model does not use
    /// them.
    let byteTokens: [TokenID?]?
    /// Whether a piece that is a token as a whole skips merging.
    let ignoresMerges: Bool

    init(_ node: JSONNode) throws(TokenizerError) {
        let type = try node.optional("type")?.text() ?? "BPE"
        guard type == "BPE" else {
            throw TokenizerError(
                node.file, "`model.type` is \(type), which is not supported; supported is BPE")
        }
        if let dropout = try node.optional("dropout"), try dropout.number() != 0 {
            throw dropout.error("is \(try dropout.number()); a served tokenizer must not be random")
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let affix = try node.optional(key), try !affix.text().isEmpty {
                throw affix.error(
                    "is `\(try affix.text())`, which is not supported; supported is an empty one")
            }
        }
        vocabulary = try Vocabulary(try node.required("vocab"))
        let vocabulary = vocabulary
        merges = try Self.merges(try node.required("merges"), vocabulary)
        unknown = try node.optional("unk_token").map { unknown throws(TokenizerError) in
            guard let id = vocabulary[try unknown.text()] else {
                throw unknown.error("is `\(try unknown.text())`, which `model.vocab` lacks")
            }
            return id
        }
        fusesUnknown = try node.flag("fuse_unk", default: false)
        ignoresMerges = try node.flag("ignore_merges", default: false)
        byteTokens =
            try node.flag("byte_fallback", default: false)
            ? (UInt8.min...UInt8.max).map { vocabulary[ByteFallback.spelling(of: $0)] } : nil
    }

    private static func merges(
        _ node: JSONNode, _ vocabulary: Vocabulary
    ) throws(TokenizerError) -> [Merge] {
        guard case .array(let values) = node.value else { throw node.error("must be an array of pairs") }
        var merges: [Merge] = []
        merges.reserveCapacity(values.count)
        for (rank, value) in values.enumerated() {
            if case .string(let line) = value, line.hasPrefix("#version") { continue }
            guard let (left, right) = pair(value) else {
                throw TokenizerError(
                    node.file,
                    "`model.merges.\(rank)` is not a pair of pieces: neither `\"a b\"` nor `[\"a\", \"b\"]`")
            }
            guard let leftID = vocabulary[left], let rightID = vocabulary[right],
                let token = vocabulary[left + right]
            else {
                throw TokenizerError(
                    node.file,
                    "`model.merges.\(rank)` (`\(left)` `\(right)`) uses a piece that `model.vocab` lacks")
            }
            merges.append(Merge(left: leftID, right: rightID, token: token))
        }
        return merges
    }

    /// The two pieces of `"a b"` or `["a", "b"]`.
    private static func pair(_ value: JSONValue) -> (String, String)? {
        switch value {
        case .string(let line):
            let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard parts.count == 2, let left = String(parts[0]), let right = String(parts[1]),
                !left.isEmpty, !right.isEmpty
            else { return nil }
            return (left, right)
        case .array(let parts):
            guard parts.count == 2, case .string(let left) = parts[0], case .string(let right) = parts[1],
                !left.isEmpty, !right.isEmpty
            else { return nil }
            return (left, right)
        default: return nil
        }
    }
}
