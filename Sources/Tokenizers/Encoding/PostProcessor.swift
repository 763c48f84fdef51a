/// The `post_processor` of a `tokenizer.json`: special tokens around the tokens of a prompt.
struct PostProcessor: Sendable {
    private(set) var prefix: [TokenID] = []
    private(set) var suffix: [TokenID] = []

    /// Nothing.
    init() {}

    init(_ node: JSONNode) throws(TokenizerError) {
        let type = try node.required("type").text()
        switch type {
        // This changes token offsets only, not tokens.
        case "ByteLevel": break
        case "TemplateProcessing": try readTemplate(node)
        case "Sequence":
            for stage in try node.required("processors").elements() {
                let outer = try PostProcessor(stage)
                prefix = outer.prefix + prefix
                suffix += outer.suffix
            }
        default: throw node.unsupported(type, supported: ["Sequence", "ByteLevel", "TemplateProcessing"])
        }
    }

    /// Reads the template for single texts.
    ///
    /// The one for pairs is not needed.
    private mutating func readTemplate(_ node: JSONNode) throws(TokenizerError) {
        let special = try node.optional("special_tokens")
        let single = try node.required("single")
        var hasText = false
        for part in try single.elements() {
            if try part.optional("Sequence") != nil {
                guard !hasText else { throw single.error("has the text twice") }
                hasText = true
                continue
            }
            let name = try part.required("SpecialToken").required("id").text()
            guard let token = try special?.optional(name) else {
                throw part.error("names `\(name)`, which `special_tokens` lacks")
            }
            var ids: [TokenID] = []
            for id in try token.required("ids").elements() {
                ids.append(TokenID(try id.integer(in: 0..<Vocabulary.maximumCount)))
            }
            if hasText { suffix += ids } else { prefix += ids }
        }
        guard hasText else { throw single.error("lacks the text") }
    }
}
