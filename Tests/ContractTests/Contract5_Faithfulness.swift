import Engine
import ExpertRouting
import Foundation
import Numerics
import Testing
import TestSupport
import Tokenizers
import Transformer

/// With `dropless` routing, logits match Hugging Face `transformers` in float32 within 1e-4.
@Suite struct `Contract 5: faithfulness` {
    @Test(arguments: try ReferenceLogits.names)
    func `logits are those of transformers, prefill and step by step`(name: String) throws {
        let reference = try ReferenceLogits(name)
        let model = try Model(checkpoint: reference.folder, weightType: reference.weightType)
        for run in reference.runs {
            if let text = run.text {
                #expect(try model.tokenizer.encode(text, parsingSpecialTokens: true) == run.prompt)
            }
            let logits = model.logits(prompt: run.prompt, continuation: run.generated)
            #expect(logits.count == run.logits.count)
            for (ours, theirs) in zip(logits, run.logits) {
                let difference = zip(ours, theirs).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference < 1e-4, "prompt of \(run.prompt.count) tokens")
            }
        }
    }

    @Test func `every family that is read is compared`() throws {
        let compared = try ReferenceLogits.names.map {
            try Model(checkpoint: ReferenceLogits($0).folder).config.architecture
        }
        #expect(Set(compared) == Set(ModelConfig.supportedArchitectures))
    }

    @Test func `negative control: with capacity the logits are others`() throws {
        let reference = try ReferenceLogits("story-moe")
        let model = try Model(checkpoint: reference.folder)
        let run = try #require(reference.runs.last)
        let limited = model.logits(
            prompt: run.prompt, continuation: run.generated, isolation: .perSequence)
        let differences = zip(limited, run.logits).flatMap { zip($0, $1).map { abs($0 - $1) } }
        #expect(differences.contains { $0 > 1e-2 })
    }
}

/// What Scripts/fixtures/make-logits wrote of one checkpoint.
private struct ReferenceLogits {
    struct Run {
        /// What the prompt is the encoding of, if it is of a text.
        let text: String?
        let prompt: [TokenID]
        let generated: [TokenID]
        let logits: [[Float]]
    }

    private struct Index: Decodable {
        struct Run: Decodable {
            let text: String?
            let prompt: [TokenID]
            let generated: [TokenID]
            let rows: Int
        }

        let checkpoint: String
        let dtype: WeightType?
        let vocabulary: Int
        let runs: [Run]
    }

    /// Every checkpoint that there are logits of.
    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(
                at: Checkpoints.fixtures.appending(path: "logits"), includingPropertiesForKeys: nil
            ).filter { $0.pathExtension == "json" }.map { $0.deletingPathExtension().lastPathComponent }
                .sorted()
        }
    }

    let folder: String
    /// As stored, but for quantised weights, whose exact values are compared.
    let weightType: WeightType
    let runs: [Run]

    init(_ name: String) throws {
        let fixtures = Checkpoints.fixtures
        let index = try JSONDecoder().decode(
            Index.self, from: Data(contentsOf: fixtures.appending(path: "logits/\(name).json")))
        let bytes = try Data(contentsOf: fixtures.appending(path: "logits/\(name).bin"))
        let floats = bytes.withUnsafeBytes { raw in
            (0..<raw.count / 4).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
        weightType = index.dtype ?? .auto
        folder =
            index.checkpoint.hasPrefix("Models/")
            ? Checkpoints.folder(name) : fixtures.appending(path: index.checkpoint).path
        var row = 0
        var runs: [Run] = []
        for run in index.runs {
            let logits = (row..<row + run.rows).map {
                Array(floats[$0 * index.vocabulary..<($0 + 1) * index.vocabulary])
            }
            runs.append(
                Run(text: run.text, prompt: run.prompt, generated: run.generated, logits: logits))
            row += run.rows
        }
        self.runs = runs
    }
}
