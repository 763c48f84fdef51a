import Numerics
import Testing
import TestSupport
import Tokenizers
import Transformer

extension `Contract 5: faithfulness` {
    @Test(arguments: try GGUFFixture.all)
    func `a GGUF file has the logits of the folder it was made from, bit for bit`(fixture: GGUFFixture) throws
    {
        // The folder of a quantised file has what its blocks stand for, in float32.
        let type: WeightType = fixture.name.hasSuffix("-quantised") ? .float32 : .auto
        let models = try [fixture.path, fixture.folder].map { try Model(checkpoint: $0, weightType: type) }
        for length in [1, 7, 100] {
            let prompt = (0..<length).map { TokenID($0 * 89 % 286) }
            let bits = models.map { model in
                model.logits(prompt: prompt, continuation: [5, 250, 70]).map {
                    $0.map(\.bitPattern)
                }
            }
            #expect(bits[0] == bits[1], "prompt of \(length) tokens")
        }
    }

    @Test func `a GGUF file in parts has the fingerprint of the whole`() throws {
        let fingerprints = try ["llama", "llama-00001-of-00003", "qwen2"].map {
            try Model(checkpoint: GGUFFixture($0).path).fingerprint
        }
        #expect(fingerprints[0] == fingerprints[1])
        #expect(fingerprints[0] != fingerprints[2])
    }
}
