import Testing
import Tokenizers
import Transformer

/// Version 0.23.3 of the library, on 10,333 texts and 600 runs of ids for each family.
@Suite struct `The tokenizer agrees with the tokenizers library` {
    @Test(arguments: TokenizerFixtures.allCases)
    func `on every family's ids of ten thousand texts, and on the text of these ids`(
        family: TokenizerFixtures
    ) throws {
        let tokenizer = try family.tokenizer()
        let texts = try TokenizerFixtures.texts()
        let digests = try family.digests().texts
        #expect(texts.count > 10_000 && digests.count == texts.count)
        var wrong: [String] = []
        for (text, digest) in zip(texts, digests) {
            let parsed = try tokenizer.encode(text, parsingSpecialTokens: true)
            let plain = try tokenizer.encode(text, parsingSpecialTokens: false)
            let added = try tokenizer.encode(text, parsingSpecialTokens: true, addingSpecialTokens: true)
            let ids = [parsed, plain, added].map { $0.map(String.init).joined(separator: ",") }
            if Digest.of(ids.joined(separator: "|")) != digest.ids {
                wrong.append("ids of \(text.debugDescription)")
            } else if Digest.of(decoded(parsed, by: tokenizer)) != digest.text {
                wrong.append("text of \(parsed)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) differ, as these: \(wrong.prefix(5))")
    }

    @Test(arguments: TokenizerFixtures.allCases)
    func `on the text of any ids`(family: TokenizerFixtures) throws {
        let tokenizer = try family.tokenizer()
        let runs = TokenizerFixtures.runs(vocabularySize: tokenizer.vocabularySize)
        let wrong = zip(runs, try family.digests().runs).filter {
            Digest.of(decoded($0, by: tokenizer)) != $1
        }
        #expect(wrong.isEmpty, "\(wrong.count) differ, as these: \(wrong.prefix(5).map(\.0))")
    }

    private func decoded(_ ids: [TokenID], by tokenizer: Tokenizer) -> String {
        tokenizer.decode(ids) + "\0" + tokenizer.decode(ids, skippingSpecialTokens: false)
    }
}
