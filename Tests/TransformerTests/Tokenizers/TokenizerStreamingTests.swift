import Testing
@testable import Tokenizers
@testable import Transformer

struct TokenizerStreamingTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try TokenizerFixtures.starter.tokenizer()
    }

    /// The tokens that stand for single bytes.
    private func tokens(_ bytes: [UInt8]) throws -> [TokenID] {
        try bytes.map { byte in
            try #require((0..<TokenID(tokenizer.vocabularySize)).first { tokenizer.bytes(of: $0) == [byte] })
        }
    }

    @Test func `an emoji split over four tokens is released whole, with the last`() throws {
        var assembler = TextAssembler(tokenizer)
        let parts = try tokens(Array("😀".utf8)).map { assembler.append($0) }
        #expect(parts == ["", "", "", "😀"])
        #expect(assembler.finish() == "")
    }

    @Test(
        arguments: [
            ([0x61, 0xC3, 0xA9], ["a", "", "é"], ""),
            // The second byte cannot follow the first: both are certain at once.
            ([0xE0, 0x80], ["", "\u{FFFD}\u{FFFD}"], ""),
            ([0xED, 0xA0], ["", "\u{FFFD}\u{FFFD}"], ""),
            ([0xF0, 0x9F, 0x61], ["", "", "\u{FFFD}a"], ""),
            ([0xF5, 0x80], ["\u{FFFD}", "\u{FFFD}"], ""),
            ([0xF4, 0x8F, 0xBF], ["", "", ""], "\u{FFFD}"),
            ([0xE2, 0x82, 0xE2, 0x82, 0xAC], ["", "", "\u{FFFD}", "", "€"], ""),
            ([0xC3], [""], "\u{FFFD}"),
        ] as [([UInt8], [String], String)])
    func `text is released as soon as it is certain`(bytes: [UInt8], parts: [String], rest: String) throws {
        var assembler = TextAssembler(tokenizer)
        #expect(try tokens(bytes).map { assembler.append($0) } == parts)
        #expect(assembler.finish() == rest)
        #expect(assembler.finish() == "")
    }

    @Test func `special tokens are silent unless asked for`() {
        var silent = TextAssembler(tokenizer)
        #expect([1, 3, 2].map { silent.append($0) } == ["", "!", ""])
        var open = TextAssembler(tokenizer, skippingSpecialTokens: false)
        #expect([1, 3, 2].map { open.append($0) } == ["<|im_start|>", "!", "<|im_end|>"])
    }

    @Test(arguments: TokenizerFixtures.allCases, [true, false])
    func `the parts end to end are the decoded text, whatever the tokens`(
        family: TokenizerFixtures, skips: Bool
    ) throws {
        let tokenizer = try family.tokenizer()
        let texts = try TokenizerFixtures.texts().prefix(1_000)
        let encoded = try texts.map { try tokenizer.encode($0, parsingSpecialTokens: true) }
        for ids in encoded + TokenizerFixtures.runs(vocabularySize: tokenizer.vocabularySize) {
            var assembler = TextAssembler(tokenizer, skippingSpecialTokens: skips)
            var text = ids.map { assembler.append($0) }.joined()
            text += assembler.finish()
            #expect(
                Array(text.utf8) == Array(tokenizer.decode(ids, skippingSpecialTokens: skips).utf8), "\(ids)")
        }
    }

    @Test func `a run of byte tokens is released when it is over`() throws {
        let llama = try TokenizerFixtures.llama2.tokenizer()
        func parts(_ pieces: [String]) throws -> [String] {
            var assembler = TextAssembler(llama)
            let ids = try pieces.map { piece in
                try #require((0..<TokenID(llama.vocabularySize)).first { llama.text(of: $0) == piece })
            }
            return ids.map { assembler.append($0) } + [assembler.finish()]
        }
        #expect(try parts(["<0xC3>", "<0xA9>", "a"]) == ["", "", "éa", ""])
        #expect(try parts(["<0x41>", "<0xC3>", "a"]) == ["", "", "\u{FFFD}\u{FFFD}a", ""])
        #expect(try parts(["<0xF0>", "<0x9F>", "<0x99>", "<0x82>"]) == ["", "", "", "", "🙂"])
    }

    @Test func `only the first space of a text is dropped, where the tokenizer adds one`() throws {
        let llama = try TokenizerFixtures.llama2.tokenizer()
        var assembler = TextAssembler(llama)
        let ids = try llama.encode("the duck the", parsingSpecialTokens: true)
        let parts = ids.map { assembler.append($0) }
        #expect(parts.first?.first == "t" && (parts + [assembler.finish()]).joined() == "the duck the")
        #expect(llama.decode(try llama.encode("  a", parsingSpecialTokens: false)).hasPrefix("  a"))
    }
}
