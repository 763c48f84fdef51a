import Testing
import Transformer

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

    @Test func `the parts end to end are the decoded text, whatever the tokens`() throws {
        for item in try TokenizerFixtures.starter.reference().decode {
            var assembler = TextAssembler(tokenizer)
            var text = item.ids.map { assembler.append($0) }.joined()
            text += assembler.finish()
            #expect(Array(text.utf8) == Array(item.text.utf8), "\(item.ids)")
        }
    }
}
