import Testing
import Tokenizers
import Transformer

struct TokenizerTests {
    private let tokenizer: Tokenizer

    init() throws {
        tokenizer = try TokenizerFixtures.starter.tokenizer()
    }

    @Test func `every text survives encoding and decoding byte for byte`() throws {
        for text in try TokenizerFixtures.texts() {
            let plain = try tokenizer.encode(text, parsingSpecialTokens: false)
            #expect(Array(tokenizer.decode(plain).utf8) == Array(text.utf8))
            let parsed = try tokenizer.encode(text, parsingSpecialTokens: true)
            #expect(Array(tokenizer.decode(parsed, skippingSpecialTokens: false).utf8) == Array(text.utf8))
        }
    }

    @Test(arguments: TokenizerFixtures.allCases)
    func `a text encoded as plain text has no special tokens`(family: TokenizerFixtures) throws {
        let tokenizer = try family.tokenizer()
        for text in try TokenizerFixtures.texts() {
            let tokens = try tokenizer.encode(text, parsingSpecialTokens: false)
            let special = tokens.filter { tokenizer.isSpecial($0) && $0 != tokenizer.specialTokens["<unk>"] }
            #expect(special == [], "\(text.debugDescription)")
        }
    }

    @Test func `special tokens are known by their text and left out of decoded text`() {
        #expect(tokenizer.specialTokens == ["<|endoftext|>": 0, "<|im_start|>": 1, "<|im_end|>": 2])
        #expect(tokenizer.isSpecial(2) && !tokenizer.isSpecial(3))
        #expect(tokenizer.decode([1, 3, 2]) == "!")
        #expect(tokenizer.decode([1, 3, 2], skippingSpecialTokens: false) == "<|im_start|>!<|im_end|>")
    }

    @Test(
        arguments: [(.llama3, [1, 0]), (.metaspace, [1, 1]), (.gptNeoX, [0, 1]), (.starter, [0, 0])]
            as [(TokenizerFixtures, [Int])])
    func `a prompt is put between special tokens only if asked for`(
        family: TokenizerFixtures, counts: [Int]
    ) throws {
        let tokenizer = try family.tokenizer()
        let plain = try tokenizer.encode("ducks", parsingSpecialTokens: true)
        let added = try tokenizer.encode("ducks", parsingSpecialTokens: true, addingSpecialTokens: true)
        #expect(added.count == plain.count + counts[0] + counts[1])
        #expect(Array(added.dropFirst(counts[0]).dropLast(counts[1])) == plain)
        #expect((added.prefix(counts[0]) + added.suffix(counts[1])).allSatisfy(tokenizer.isSpecial))
    }

    @Test(arguments: [-1, 2048, .min, .max] as [TokenID])
    func `an id outside the vocabulary stands for nothing`(id: TokenID) {
        #expect(tokenizer.vocabularySize == 2048)
        #expect(tokenizer.bytes(of: id) == [])
        #expect(tokenizer.decode([id]) == "")
    }

    @Test func `a byte without a token is left out`() throws {
        let lacking = try TokenizerFixtures.prefixSpace.tokenizer()
        let space = try lacking.encode(" ", parsingSpecialTokens: true)
        #expect(try lacking.encode("Q~", parsingSpecialTokens: true) == space)
        #expect(lacking.decode(try lacking.encode("aQb", parsingSpecialTokens: true)) == " ab")
    }

    @Test func `a token of one byte stands for that byte, in every spelling`() throws {
        let llama = try TokenizerFixtures.llama2.tokenizer()
        let bytes = try llama.encode("\u{0}🙂", parsingSpecialTokens: true).dropFirst().map(llama.bytes)
        #expect(bytes == [[0], [0xF0], [0x9F], [0x99], [0x82]])
        let word = try #require(try llama.encode("a the", parsingSpecialTokens: true).last)
        #expect(llama.bytes(of: word) == Array(" the".utf8))
    }

    @Test(
        .timeLimit(.minutes(5)), arguments: [.starter, .deepseek2, .o200k, .llama2] as [TokenizerFixtures],
        [("a", 1_000_000), (" ", 1_000_000), ("🙂", 100_000), ("\n", 100_000), ("A", 100_000), ("1", 100_000)])
    func `the work for a long text of one character is not quadratic`(
        family: TokenizerFixtures, unit: (text: String, byteCount: Int)
    ) throws {
        let tokenizer = try family.tokenizer()
        let text = String(repeating: unit.text, count: unit.byteCount / unit.text.utf8.count)
        let tokens = try tokenizer.encode(text, parsingSpecialTokens: true)
        #expect(tokenizer.decode(Array(tokens.suffix(8))).hasSuffix(unit.text))
    }
}
