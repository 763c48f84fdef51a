import Testing
import Transformer

/// What a `tokenizer.json` may ask for, and what is refused by name.
struct TokenizerFileTests {
    /// A tokenizer of three letters, with one part replaced.
    private func file(
        model: String = #""type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]"#,
        preTokenizer: String = #"{"type":"ByteLevel","add_prefix_space":false}"#,
        addedTokens: String = "[]", extra: String = ""
    ) -> String {
        """
        {"added_tokens":\(addedTokens),"pre_tokenizer":\(preTokenizer),"model":{\(model)}\(extra)}
        """
    }

    private func added(_ content: String, id: Int, flags: String = "") -> String {
        """
        [{"id":\(id),"content":"\(content)","special":true,"normalized":false,"single_word":false,
        "lstrip":false,"rstrip":false\(flags)}]
        """
    }

    private func tokenizer(_ json: String) throws -> Tokenizer {
        let folder = try TemporaryFolder()
        return try Tokenizer(contentsOf: folder.write("tokenizer.json", json))
    }

    private func problem(_ json: String) throws -> String? {
        let error = #expect(throws: CheckpointError.self) { try tokenizer(json) }
        return error?.problem
    }

    @Test func `merges may be strings or pairs`() throws {
        let pairs = #""type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]"#
        for json in [file(), file(model: pairs)] {
            #expect(try tokenizer(json).encode("abba", parsingSpecialTokens: true) == [2, 1, 0])
        }
    }

    @Test func `lower rank goes first, then left`() throws {
        let model = #""type":"BPE","vocab":{"a":0,"b":1,"bb":2,"ab":3},"merges":["b b","a b"]"#
        #expect(try tokenizer(file(model: model)).encode("abbb", parsingSpecialTokens: true) == [0, 2, 1])
    }

    @Test(arguments: [
        (#","normalizer":{"type":"NFC"}"#, "`normalizer` is NFC"),
        (#","post_processor":{"type":"TemplateProcessing"}"#, "`post_processor` is TemplateProcessing"),
        (#","decoder":{"type":"Metaspace"}"#, "`decoder` is Metaspace"),
    ])
    func `another stage is refused by name`(extra: String, wanted: String) throws {
        #expect(try problem(file(extra: extra))?.hasPrefix(wanted) == true)
    }

    @Test(arguments: [
        (#"{"type":"Metaspace"}"#, "`pre_tokenizer` is Metaspace"),
        ("null", "`pre_tokenizer` is null"),
        (#"{"type":"ByteLevel","use_regex":false}"#, "`pre_tokenizer.use_regex` is false"),
    ])
    func `another pre-tokenizer is refused by name`(stage: String, wanted: String) throws {
        #expect(try problem(file(preTokenizer: stage))?.hasPrefix(wanted) == true)
    }

    @Test(arguments: [
        (#""type":"Unigram","vocab":[["a",-1.5]]"#, "`model.type` is Unigram"),
        (#""type":"BPE","vocab":{"a":0},"merges":[],"byte_fallback":true"#, "`model.byte_fallback` is true"),
        (#""type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1"#, "`model.dropout` is 0.1"),
        (
            #""type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>""#,
            "`model.end_of_word_suffix`"
        ),
        (
            #""type":"BPE","vocab":{"a":0},"merges":[],"continuing_subword_prefix":"@@""#,
            "`model.continuing_subword"
        ),
        (#""type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"a""#, "`model.unk_token` is set"),
        (#""type":"BPE","vocab":{"a":0},"merges":["a b"]"#, "`model.merges` 0 (`a` `b`)"),
        (#""type":"BPE","vocab":{"a":0},"merges":["a b c"]"#, "`model.merges.Index 0`"),
        (#""type":"BPE","vocab":{"a":0,"b":0},"merges":[]"#, "`model.vocab` gives id 0 to two entries"),
        (#""type":"BPE","vocab":{"a":-1},"merges":[]"#, "token ids must lie in 0 ..< "),
        (#""type":"BPE","vocab":{"a":2000000000},"merges":[]"#, "token ids must lie in 0 ..< "),
        (#""type":"BPE","vocab":{},"merges":[]"#, "token ids must lie in 0 ..< "),
        (#""type":"BPE","merges":[]"#, "`model.vocab` is missing"),
        (#""type":"BPE","vocab":{"a":"x"},"merges":[]"#, "`model.vocab.a`"),
    ])
    func `another or a broken model is refused by field`(model: String, wanted: String) throws {
        let problem = try #require(try problem(file(model: model)))
        #expect(problem.hasPrefix(wanted), "\(problem)")
    }

    @Test func `added tokens must be plain and agree with the vocabulary`() throws {
        #expect(try problem(file(addedTokens: added("", id: 3))) == "added token 3 is empty")
        #expect(try problem(file(addedTokens: added("x", id: 2)))?.contains("disagree about id 2") == true)
        #expect(try problem(file(addedTokens: added("ab", id: 3)))?.contains("disagree about id 3") == true)
        let stripping = added("x", id: 3).replacing(#""lstrip":false"#, with: #""lstrip":true"#)
        #expect(try problem(file(addedTokens: stripping))?.contains("lstrip") == true)
    }

    @Test func `an added token stands for its own text, whatever its letters`() throws {
        let tokenizer = try tokenizer(file(addedTokens: added("né Ġ", id: 3)))
        #expect(tokenizer.vocabularySize == 4)
        #expect(tokenizer.encode("anéĠ né Ġab", parsingSpecialTokens: true) == [0, 3, 2])
        #expect(tokenizer.decode([3], skippingSpecialTokens: false) == "né Ġ")
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"model":3}"#, "\u{0}", String(repeating: "[", count: 100_000),
    ])
    func `what is not a tokenizer gets an error that names the file`(json: String) throws {
        let error = #expect(throws: CheckpointError.self) { try tokenizer(json) }
        #expect(error?.path.hasSuffix("tokenizer.json") == true)
    }

    @Test func `a missing file is named`() {
        #expect(
            throws: CheckpointError("nowhere/tokenizer.json", "cannot be opened: No such file or directory")
        ) {
            try Tokenizer(contentsOf: "nowhere/tokenizer.json")
        }
    }
}
