/// The parts of a `tokenizer.json` that determine ids and text.
///
/// Unsupported features are errors.
///
/// `truncation` and `padding` are batch settings, not properties of the text, and are ignored.
struct TokenizerFile {
    let addedTokens: [AddedToken]
    let normalizer: Normalizer?
    let preTokenizer: PreTokenizer?
    let model: BytePairModel
    let postProcessor: PostProcessor
    let decoder: TextDecoder
    let texts: TokenTexts

    /// Parses the text of the file at `path`.
    init(_ text: UnsafeRawBufferPointer, path: String) throws(TokenizerError) {
        let node = try JSONNode.top(text, of: path)
        model = try BytePairModel(try node.required("model"))
        normalizer = try node.optional("normalizer").map(Normalizer.init)
        preTokenizer = try node.optional("pre_tokenizer").map(PreTokenizer.init)
        postProcessor = try node.optional("post_processor").map(PostProcessor.init) ?? PostProcessor()
        decoder = try TextDecoder(try node.optional("decoder"))
        var addedTokens: [AddedToken] = []
        for token in try node.optional("added_tokens")?.elements() ?? [] {
            addedTokens.append(try AddedToken(token, normalizer))
        }
        self.addedTokens = addedTokens
        texts = try TokenTexts(model.vocabulary, addedTokens, node)
        for token in postProcessor.prefix + postProcessor.suffix where texts[token] == nil {
            throw TokenizerError(path, "`post_processor` adds token \(token), which the vocabulary lacks")
        }
    }
}
