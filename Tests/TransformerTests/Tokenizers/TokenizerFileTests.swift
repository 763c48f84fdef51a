import Foundation
import Testing
import TestSupport
import Tokenizers
import Transformer

/// What a `tokenizer.json` may ask for, and what is refused by name.
struct TokenizerFileTests {
    /// A tokenizer of three letters, with one part replaced.
    private func file(
        model: String = #""type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]"#,
        addedTokens: String = "[]", extra: String = #","decoder":{"type":"ByteLevel"}"#
    ) -> String {
        """
        {"added_tokens":\(addedTokens),"model":{\(model)}\(extra)}
        """
    }

    private func added(_ content: String, id: Int, flags: String = "") -> String {
        #"[{"id":\#(id),"content":"\#(content)","special":true,"normalized":false\#(flags)}]"#
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
        let pairs = #""vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]"#
        for json in [file(), file(model: pairs)] {
            #expect(try tokenizer(json).encode("abba", parsingSpecialTokens: true) == [2, 1, 0])
        }
    }

    @Test func `lower rank goes first, then left`() throws {
        let model = #""vocab":{"a":0,"b":1,"bb":2,"ab":3},"merges":["b b","a b"]"#
        #expect(try tokenizer(file(model: model)).encode("abbb", parsingSpecialTokens: true) == [0, 2, 1])
    }

    @Test func `canonically equivalent entries are two tokens`() throws {
        let model = #""vocab":{"é":0,"e\u0301":1,"e":2,"\u0301":3},"merges":[["e","\u0301"]]"#
        let tokenizer = try tokenizer(file(model: model))
        #expect(try tokenizer.encode("\u{E9}e\u{301}", parsingSpecialTokens: true) == [0, 1])
    }

    @Test(
        arguments: [
            (#""normalizer":{"type":"Bert"}"#, "`normalizer` is Bert"),
            (#""normalizer":{"type":"NFKC"}"#, "`normalizer` is NFKC"),
            (#""normalizer":{}"#, "`normalizer.type` is missing"),
            (#""normalizer":[]"#, "`normalizer` is an array; it must be an object"),
            (
                #""normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Nmt"}]}"#,
                "`normalizer.normalizers.1` is Nmt"
            ),
            (
                #""normalizer":{"type":"Replace","pattern":{"Regex":"(a"},"content":""}"#,
                "`normalizer.pattern.Regex` has an unmatched `(`"
            ),
            (
                #""normalizer":{"type":"Replace","pattern":"a","content":""}"#,
                "`normalizer.pattern` is a string"
            ),
            (#""pre_tokenizer":{"type":"UnicodeScripts"}"#, "`pre_tokenizer` is UnicodeScripts"),
            (
                #""pre_tokenizer":{"type":"ByteLevel","use_regex":"x"}"#,
                "`pre_tokenizer.use_regex` is a string; it must be true or false"
            ),
            (
                #""pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Kept"}"#,
                "`pre_tokenizer.behavior` is Kept"
            ),
            (
                #""pre_tokenizer":{"type":"Metaspace","replacement":"ab"}"#,
                "`pre_tokenizer.replacement` must be one character"
            ),
            (#""decoder":{"type":"WordPiece"}"#, "`decoder` is WordPiece"),
            (
                #""decoder":{"type":"Strip","content":"a","start":-1,"stop":0}"#,
                "`decoder.start` is -1; it must be a whole"
            ),
            (#""post_processor":{"type":"BertProcessing"}"#, "`post_processor` is BertProcessing"),
            (
                #""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}]}"#,
                "`post_processor.single.0` names `x`"
            ),
            (
                #""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}},{"Sequence":{}}],"special_tokens":{"x":{"ids":[7]}}}"#,
                "`post_processor` adds token 7"
            ),
            (
                #""post_processor":{"type":"TemplateProcessing","single":[]}"#,
                "`post_processor.single` lacks the text"
            ),
        ] as [(String, String)])
    func `an unsupported stage is refused with its place and type`(extra: String, wanted: String) throws {
        let problem = try #require(try problem(file(extra: "," + extra)))
        #expect(problem.hasPrefix(wanted), "\(problem)")
    }

    @Test(arguments: [
        (#""type":"Unigram","vocab":[["a",-1.5]]"#, "`model.type` is Unigram"),
        (#""vocab":{"a":0},"merges":[],"dropout":0.1"#, "`model.dropout` is 0.1"),
        (#""vocab":{"a":0},"merges":[],"end_of_word_suffix":"</w>""#, "`model.end_of_word_suffix` is `</w>`"),
        (
            #""vocab":{"a":0},"merges":[],"continuing_subword_prefix":"@@""#,
            "`model.continuing_subword_prefix`"
        ),
        (#""vocab":{"a":0},"merges":[],"unk_token":"b""#, "`model.unk_token` is `b`"),
        (#""vocab":{"a":0},"merges":["a b"]"#, "`model.merges.0` (`a` `b`)"),
        (#""vocab":{"a":0,"b":1},"merges":["a b"]"#, "`model.merges.0` (`a` `b`)"),
        (#""vocab":{"a":0},"merges":["a b c"]"#, "`model.merges.0` is not a pair of pieces"),
        (#""vocab":{"a":0},"merges":[3]"#, "`model.merges.0` is not a pair of pieces"),
        (#""vocab":{"a":0},"merges":{}"#, "`model.merges` must be an array"),
        (#""vocab":{"a":0,"b":0},"merges":[]"#, "`model.vocab` gives id 0 to two entries"),
        (#""vocab":{"a":0,"a":1},"merges":[]"#, "`model.vocab` has `a` twice"),
        (#""vocab":{"a":-1},"merges":[]"#, "`model.vocab` gives `a` the id -1"),
        (#""vocab":{"a":2000000000},"merges":[]"#, "`model.vocab` gives `a` the id 2000000000"),
        (#""vocab":{"a":1e300},"merges":[]"#, "`model.vocab` gives `a` the id 1e+300"),
        (#""vocab":{"a":0.5},"merges":[]"#, "`model.vocab` gives `a` the id 0.5"),
        (#""vocab":{"a":"x"},"merges":[]"#, "`model.vocab` gives `a` the id a string"),
        (#""vocab":{},"merges":[]"#, "`model.vocab` is empty"),
        (#""merges":[]"#, "`model.vocab` is missing"),
        (#""vocab":{"a":0}"#, "`model.merges` is missing"),
    ])
    func `another or a broken model is refused by field`(model: String, wanted: String) throws {
        let problem = try #require(try problem(file(model: model)))
        #expect(problem.hasPrefix(wanted), "\(problem)")
    }

    @Test func `added tokens must agree with the vocabulary`() throws {
        #expect(
            try problem(file(addedTokens: added("", id: 3)))?.contains("`added_tokens.0` is an empty") == true
        )
        for (content, id, right) in [("x", 2, 3), ("ab", 3, 2), ("x", 9, 3)] {
            let problem = try problem(file(addedTokens: added(content, id: id)))
            #expect(problem?.hasPrefix("added token `\(content)` has the id \(id)") == true)
            #expect(problem?.hasSuffix("it would be \(right)") == true)
        }
        #expect(
            try problem(file(addedTokens: added("x", id: -3)))?.contains("`added_tokens.0.id` is -3") == true)
    }

    @Test func `an added token is found whatever its letters, and decoded as the library does`() throws {
        let tokenizer = try tokenizer(file(addedTokens: added("né Ġ", id: 3)))
        #expect(tokenizer.vocabularySize == 4)
        #expect(try tokenizer.encode("anéĠ né Ġab", parsingSpecialTokens: true) == [0, 3, 2])
        #expect(tokenizer.decode([3], skippingSpecialTokens: false) == "né Ġ")
    }

    @Test(
        arguments: [
            (#","lstrip":true"#, "a  <x>  b", [0, 3, 4, 4, 1]),
            (#","rstrip":true"#, "a  <x>  b", [0, 4, 4, 3, 1]),
            (#","single_word":true"#, "a<x> <x>", [0, 4, 3]),
            (#","single_word":true"#, "-<x>- <x>é", [3, 4]),
        ] as [(String, String, [TokenID])])
    func `the flags of an added token say how much it takes`(
        flags: String, text: String, ids: [TokenID]
    ) throws {
        let model = #""vocab":{"a":0,"b":1,"ab":2},"merges":[]"#
        let space = #"{"id":4,"content":" ","special":false,"normalized":true}"#
        let tokens = added("<x>", id: 3, flags: flags).dropLast() + "," + space + "]"
        let tokenizer = try tokenizer(file(model: model, addedTokens: String(tokens)))
        #expect(try tokenizer.encode(text, parsingSpecialTokens: true) == ids)
    }

    @Test func `a special token that is a word of the model is no part of plain text`() throws {
        let model = #""vocab":{"a":0,"b":1,"ab":2},"merges":["a b"],"ignore_merges":true"#
        let tokenizer = try tokenizer(file(model: model, addedTokens: added("ab", id: 2)))
        #expect(try tokenizer.encode("ab", parsingSpecialTokens: true) == [2])
        #expect(try tokenizer.encode("ab", parsingSpecialTokens: false) == [0, 1])
    }

    @Test(arguments: [
        "", "{", "[]", "null", "3", #"{"model":3}"#, "\u{0}", #"{"model":{"vocab":{"a":0},"merges":[]}} x"#,
        #"{"model":{"vocab":{"\ud800":0},"merges":[]}}"#, #"{"model":{"vocab":{"\u12":0},"merges":[]}}"#,
        #"{"a":1e999}"#, #"{"a":--1}"#, "{\"a\":\"\n\"}", String(repeating: "[", count: 100_000),
        String(repeating: #"{"a":"#, count: 100_000),
    ])
    func `a file that is not a tokenizer is named in the error`(json: String) throws {
        let error = #expect(throws: CheckpointError.self) { try tokenizer(json) }
        #expect(error?.path.hasSuffix("tokenizer.json") == true)
    }

    @Test func `text that is not UTF-8 is refused`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("tokenizer.json", Array(#"{"a":""#.utf8) + [0xC3] + Array(#""}"#.utf8))
        let error = #expect(throws: CheckpointError.self) { try Tokenizer(contentsOf: path) }
        #expect(error?.problem == "is not valid JSON: it has a string that is not UTF-8 at byte 7")
    }

    @Test func `a missing file is named`() {
        #expect(
            throws: CheckpointError("nowhere/tokenizer.json", "cannot be opened: No such file or directory")
        ) {
            try Tokenizer(contentsOf: "nowhere/tokenizer.json")
        }
    }

    /// The only outcomes are a tokenizer that works and one clear error.
    @Test(arguments: [.llama2, .deepseek3, .cuts] as [TokenizerFixtures])
    func `no change to a file makes it crash`(family: TokenizerFixtures) throws {
        let original = [UInt8](try Data(contentsOf: URL(filePath: family.path)))
        var random = SplitMix(state: UInt64(original.count))
        var refused = 0
        let count = 150
        for round in 0..<count {
            var bytes = original
            switch round % 3 {
            case 0: bytes.removeSubrange(Int.random(in: 1..<bytes.count, using: &random)...)
            case 1:
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                        in: 0...255, using: &random)
                }
            default:
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 1...12, using: &random))
                bytes.replaceSubrange(start..<end, with: bytes[end..<min(bytes.count, end + 5)])
            }
            do {
                let folder = try TemporaryFolder()
                let tokenizer = try Tokenizer(contentsOf: folder.write("tokenizer.json", bytes))
                let tokens = try tokenizer.encode("The <s>déjà  vu</s> 12\n🙂", parsingSpecialTokens: true)
                _ = tokenizer.decode(tokens)
            } catch let error as CheckpointError {
                refused += 1
                #expect(error.path.hasSuffix("tokenizer.json") && !error.problem.isEmpty)
            } catch is TokenizationError {
                refused += 1
            }
        }
        // Cut short, it is never JSON.
        #expect(refused >= count / 3)
    }
}

/// The same mutations on every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
