import ExpertRouting
import ConstrainedDecoding
import JSON
import Testing

@Suite struct `A token trie` {
    @Test(arguments: [
        "{}",
        #"{"type":"object","properties":{"name":{"type":"string"},"v":{"type":"string","maxLength":3}}}"#,
        #"{"anyOf":[{"type":"string","pattern":"^a*$"},{"type":"string"},{"type":"number"}]}"#,
        #"{"type":"array","items":{"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"string"}}]}}"#,
    ])
    func `finds the tokens that a matcher takes byte by byte, and no others`(text: String) throws {
        let vocabulary = randomVocabulary(extra: 400, seed: 5)
        let trie = TokenTrie(vocabulary)
        let constraint = try OutputConstraint(PlainJSON.parse(text))
        var random = SplitMix64(seed: 11)
        var mask = TokenMask(tokenCount: vocabulary.count)
        for _ in 0..<12 {
            var matcher = constraint.matcher
            for _ in 0..<12 where !matcher.mustStop {
                trie.allowedTokens(for: matcher, into: &mask)
                for (token, bytes) in vocabulary.enumerated() {
                    var copy = matcher
                    let isTaken = !bytes.isEmpty && copy.advance(bytes)
                    #expect(mask[token] == isTaken, "\(bytes)")
                }
                guard let token = Array(mask).randomElement(using: &random) else { break }
                matcher.advance(vocabulary[token])
            }
        }
    }

    @Test func `never allows a token without bytes`() throws {
        let trie = TokenTrie([[], Array("{".utf8), [], Array("{}".utf8), Array("{".utf8), Array("[".utf8)])
        var mask = TokenMask(tokenCount: 6)
        trie.allowedTokens(for: try OutputConstraint(JSONSchema.anyObject).matcher, into: &mask)
        #expect(Array(mask) == [1, 3, 4])
        #expect(mask.count == 3 && !mask.isEmpty)
    }

    @Test func `allows nothing after the end`() throws {
        let vocabulary = randomVocabulary(extra: 0, seed: 1)
        var matcher = try OutputConstraint(JSONSchema.anyObject).matcher
        matcher.advance(Array("{}".utf8))
        var mask = TokenMask(tokenCount: vocabulary.count)
        TokenTrie(vocabulary).allowedTokens(for: matcher, into: &mask)
        #expect(mask.isEmpty)
    }

    @Test func `of an empty vocabulary allows nothing`() throws {
        var mask = TokenMask(tokenCount: 0)
        TokenTrie([]).allowedTokens(for: try OutputConstraint(JSONSchema.anyObject).matcher, into: &mask)
        #expect(mask.isEmpty)
    }
}
