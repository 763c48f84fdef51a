import Testing
import Transformer

@Suite struct `The tokenizer agrees with the tokenizers library` {
    @Test(arguments: TokenizerFixtures.allCases)
    func `on the ids of every reference text`(fixture: TokenizerFixtures) throws {
        let tokenizer = try fixture.tokenizer()
        let cases = try fixture.reference().encode
        #expect(cases.count > 1_500)
        for item in cases {
            #expect(
                tokenizer.encode(item.text, parsingSpecialTokens: true) == item.ids,
                "\(item.text.debugDescription)")
            #expect(
                tokenizer.encode(item.text, parsingSpecialTokens: false) == item.plainIDs,
                "special tokens as text: \(item.text.debugDescription)")
        }
    }

    @Test(arguments: TokenizerFixtures.allCases)
    func `on the text of every reference run of ids`(fixture: TokenizerFixtures) throws {
        let tokenizer = try fixture.tokenizer()
        let cases = try fixture.reference().decode
        #expect(cases.count == 600)
        for item in cases {
            #expect(bytes(tokenizer.decode(item.ids)) == bytes(item.text), "\(item.ids)")
            #expect(
                bytes(tokenizer.decode(item.ids, skippingSpecialTokens: false))
                    == bytes(item.textWithSpecial),
                "with special tokens: \(item.ids)")
        }
    }

    /// String equality is canonical equivalence, which would hide a changed scalar.
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}
