import ExpertRouting
import ConstrainedDecoding
import JSON
import Testing

@Suite struct `Random walks` {
    private static let vocabulary = randomVocabulary(extra: 200, seed: 1)
    private static let trie = TokenTrie(vocabulary)

    @Test(arguments: Schemas.all)
    func `whatever is chosen among allowed tokens, the output satisfies the schema`(text: String) throws {
        let schema = try PlainJSON.parse(text)
        let constraint = try OutputConstraint(schema)
        let validator = Validator(root: schema)
        var random = SplitMix64(seed: 7)
        for walk in 0..<24 {
            let output = try randomOutput(
                constraint, Self.trie, Self.vocabulary, patience: [5, 20, 60, 150][walk % 4], &random)
            let value = try PlainJSON.parse(output)
            #expect(validator.accepts(value), "\(String(decoding: output, as: UTF8.self))")
        }
    }
}
