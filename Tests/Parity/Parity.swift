import ArgumentParser
import Foundation
import Numerics
import TestSupport
import Tokenizers
import Transformer

/// What `Scripts/parity` compares with other programs: token ids and logits of any checkpoint.
@main
struct Parity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jostle-parity", abstract: "Writes token ids and logits for Scripts/parity.",
        subcommands: [Tokens.self, Logits.self])
}

/// Encodes texts.
struct Tokens: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Writes the token ids of texts.")

    @Argument(help: "A checkpoint.")
    var checkpoint: String

    @Argument(help: "A JSON list of texts.")
    var texts: String

    @Argument(help: "Where to write what each text becomes.")
    var out: String

    struct Answer: Encodable {
        let parsed: [TokenID]
        let plain: [TokenID]
        let prompt: [TokenID]
        /// What `parsed` decodes to, special tokens included.
        let decoded: String
    }

    func run() throws {
        let tokenizer = try Checkpoint(at: checkpoint).tokenizer()
        let texts = try JSONDecoder().decode([String].self, from: Data(contentsOf: URL(filePath: self.texts)))
        let answers = try texts.map { text in
            let parsed = try tokenizer.encode(text, parsingSpecialTokens: true)
            return Answer(
                parsed: parsed, plain: try tokenizer.encode(text, parsingSpecialTokens: false),
                prompt: try tokenizer.encode(text, parsingSpecialTokens: true, addingSpecialTokens: true),
                decoded: tokenizer.decode(parsed, skippingSpecialTokens: false))
        }
        try JSONEncoder().encode(answers).write(to: URL(filePath: out))
    }
}

/// Computes logits, along given tokens or greedily.
struct Logits: ParsableCommand {
    struct Run: Decodable {
        let prompt: [TokenID]
        /// What follows; without it, `steps` greedy tokens.
        let continuation: [TokenID]?
        let steps: Int?
    }

    static let configuration = CommandConfiguration(
        abstract: "Writes the logits after prompts, and after each token that follows but the last.")

    @Argument(help: "A checkpoint.")
    var checkpoint: String

    @Argument(help: "A JSON list of objects: prompt, and either continuation or steps.")
    var runs: String

    @Argument(help: "Where to write: OUT.json has each run's continuation, OUT.bin the rows as float32.")
    var out: String

    @Option(help: "What the weights are packed as.")
    var dtype = "float32"

    @Option(help: "Worker threads.")
    var threads = 1

    func run() throws {
        guard let type = WeightType(rawValue: dtype) else {
            throw ValidationError("'\(dtype)' is no dtype")
        }
        let model = try Model(checkpoint: checkpoint, weightType: type)
        let runs = try JSONDecoder().decode([Run].self, from: Data(contentsOf: URL(filePath: self.runs)))
        var continuations: [[TokenID]] = []
        var rows = Data()
        for run in runs {
            var logits: [[Float]]
            if let continuation = run.continuation {
                logits = model.logits(prompt: run.prompt, continuation: continuation, threads: threads)
                continuations.append(continuation)
            } else {
                let greedy = model.greedyTokens(after: run.prompt, count: run.steps ?? 1, threads: threads)
                logits = greedy.logits
                continuations.append(greedy.tokens)
            }
            for row in logits { row.withUnsafeBytes { rows.append(contentsOf: $0) } }
        }
        try JSONEncoder().encode(continuations).write(to: URL(filePath: out + ".json"))
        try rows.write(to: URL(filePath: out + ".bin"))
    }
}
