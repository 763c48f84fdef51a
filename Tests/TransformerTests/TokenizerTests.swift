import Testing
import Transformer

struct TokenizerTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try TokenizerFixtures.starter.tokenizer()
    }

    @Test func `every text survives encoding and decoding byte for byte`() throws {
        for item in try TokenizerFixtures.starter.reference().encode {
            let plain = tokenizer.encode(item.text, parsingSpecialTokens: false)
            #expect(Array(tokenizer.decode(plain).utf8) == Array(item.text.utf8))
            let parsed = tokenizer.encode(item.text, parsingSpecialTokens: true)
            #expect(
                Array(tokenizer.decode(parsed, skippingSpecialTokens: false).utf8) == Array(item.text.utf8))
        }
    }

    @Test func `special tokens are known by their text and left out of decoded text`() {
        #expect(tokenizer.specialTokens == ["<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2])
        #expect(tokenizer.isSpecial(2) && !tokenizer.isSpecial(3))
        #expect(tokenizer.decode([1, 3, 2]) == "!")
        #expect(tokenizer.decode([1, 3, 2], skippingSpecialTokens: false) == "<|im_start|>!<|im_end|>")
    }

    @Test(arguments: [-1, 2048, .min, .max] as [TokenID])
    func `an id outside the vocabulary stands for nothing`(id: TokenID) {
        #expect(tokenizer.vocabularySize == 2048)
        #expect(tokenizer.bytes(of: id) == [])
        #expect(tokenizer.decode([id]) == "")
    }

    @Test func `a byte without a token is left out`() throws {
        let small = try TokenizerFixtures.small.tokenizer()
        #expect(
            small.encode("Q~", parsingSpecialTokens: true) == small.encode("", parsingSpecialTokens: true)
                + small.encode(" ", parsingSpecialTokens: true))
        #expect(small.decode(small.encode("aQb", parsingSpecialTokens: true)) == " ab")
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["a", "🙂", " "])
    func `the work for one long word is not quadratic`(unit: String) {
        let text = String(repeating: unit, count: 300_000 / unit.utf8.count)
        let tokens = tokenizer.encode(text, parsingSpecialTokens: true)
        #expect(tokenizer.decode(tokens) == text)
    }
}
