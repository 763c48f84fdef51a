import ConstrainedDecoding
import Foundation
import JSON
import Numerics
import OpenAI
import TestSupport
import Tokenizers
import Transformer

/// Something that reads foreign bytes, and must refuse what it cannot read: no crash, no hang, no lot of memory.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A safetensors file.
    case safetensors
    /// `model.safetensors.index.json`, beside two shards.
    case index
    /// A GGUF file: metadata, translated into documents, and weights.
    case gguf
    /// `config.json`, beside the weights of a Mixtral.
    case config
    /// `tokenizer.json`, and a text for it.
    case tokenizer
    /// `chat_template.jinja`, and messages for it.
    case template
    /// The body of each request that has one.
    case request
    /// A JSON schema, and outputs that follow it.
    case schema

    /// Has `bytes` read, from a file in `folder` where they are one's; what comes of it does not matter.
    public func read(_ bytes: [UInt8], in folder: ScratchFolder) {
        switch self {
        case .safetensors: readSafetensors(bytes, folder)
        case .index: readIndex(bytes, folder)
        case .gguf: readGGUF(bytes, folder)
        case .config: readConfig(bytes, folder)
        case .tokenizer: readTokenizer(bytes, folder)
        case .template: readTemplate(bytes, folder)
        case .request: readRequest(bytes)
        case .schema: readSchema(bytes)
        }
    }

    private func readSafetensors(_ bytes: [UInt8], _ folder: ScratchFolder) {
        let path = folder.write("model.safetensors", bytes)
        guard let file = try? Safetensors(contentsOf: path) else { return }
        _ = Inspection(checkpoint: folder.path).weights?.parameterCount
        for name in ["a", "b", "model.norm.weight"] where file.contains(name) {
            _ = try? file.vector(name, count: 4)
            if let matrix = try? file.matrix(name, outputs: 2, inputs: 3) {
                withExtendedLifetime(file) { matrix.widenRow(1, into: folder.scratch) }
            }
        }
    }

    private func readIndex(_ bytes: [UInt8], _ folder: ScratchFolder) {
        folder.writeOnce("one.safetensors") { TensorFile.small(names: ["a", "b"]).bytes }
        folder.writeOnce("two.safetensors") { TensorFile.small(names: ["c", "model.norm.weight"]).bytes }
        _ = folder.write("model.safetensors.index.json", bytes)
        _ = try? SafetensorsWeights(folder: folder.path).vector("model.norm.weight", count: 4)
    }

    private func readGGUF(_ bytes: [UInt8], _ folder: ScratchFolder) {
        let path = folder.write("model.gguf", bytes)
        guard let checkpoint = try? Checkpoint(at: path) else { return }
        for name in DocumentName.allCases { _ = try? checkpoint.text(of: name) }
        _ = try? checkpoint.chatTemplate()
        if let weights = try? checkpoint.weights(wideningTo: .bfloat16) {
            _ = try? weights.table("model.embed_tokens.weight", outputs: 288, inputs: 32)
            _ = try? weights.vector("model.norm.weight", count: 32)
        }
        let inspection = Inspection(checkpoint: path)
        // A small file may ask for large tables.
        guard inspection.problems.isEmpty, let needs = inspection.needs, needs.rotaryTables < 1 << 20 else {
            return
        }
        _ = try? Model(checkpoint: path)
    }

    private func readTemplate(_ bytes: [UInt8], _ folder: ScratchFolder) {
        let template: ChatTemplate?
        _ = folder.write("chat_template.jinja", bytes)
        do {
            template = try Checkpoint(at: folder.path).chatTemplate()
        } catch {
            return
        }
        let messages = [
            ("system", "Be brief."), ("user", "émigré \u{0}🦊"), ("assistant", ""), ("user", "{{ 1 }}"),
        ]
        _ = try? template?.render(
            messages.map { ChatTemplate.Message(role: $0, content: $1) }, with: Self.smallTokenizer)
    }

    /// For templates.
    private static let smallTokenizer: Tokenizer = {
        let path = Checkpoints.fixtures.appending(path: "checkpoints/tiny-mixtral-f16/tokenizer.json").path
        do {
            return try Tokenizer(contentsOf: path)
        } catch {
            fatalError("\(error)")
        }
    }()

    private func readConfig(_ bytes: [UInt8], _ folder: ScratchFolder) {
        _ = folder.write("config.json", bytes)
        guard (try? Checkpoint(at: folder.path).config()) != nil else { return }
        // What it asks of the tensors.
        for name in ["model.safetensors", "tokenizer.json"] {
            folder.writeOnce(name) {
                (try? Data(
                    contentsOf: Checkpoints.fixtures.appending(path: "checkpoints/tiny-mixtral-f16/" + name)))
                    ?? Data()
            }
        }
        _ = Inspection(checkpoint: folder.path)
    }

    private func readTokenizer(_ bytes: [UInt8], _ folder: ScratchFolder) {
        let path = folder.write("tokenizer.json", bytes)
        guard let tokenizer = try? Tokenizer(contentsOf: path) else { return }
        let text = "Once, <|endoftext|> upon a time: 12 émigrés\n\n 🦊 \u{0}\u{202e}"
        for parsing in [true, false] {
            let tokens = try? tokenizer.encode(
                text, parsingSpecialTokens: parsing, addingSpecialTokens: parsing)
            _ = tokenizer.decode(
                (tokens ?? []) + [0, -1, .max, TokenID(clamping: tokenizer.vocabularySize)])
        }
    }

    private func readRequest(_ bytes: [UInt8]) {
        _ = try? JSONValue(parsing: bytes)
        _ = try? ChatCompletionRequest(parsing: bytes)
        _ = try? CompletionRequest(parsing: bytes)
        _ = try? EmbeddingRequest(parsing: bytes)
        _ = try? TokenizeRequest(parsing: bytes)
        _ = try? DetokenizeRequest(parsing: bytes)
        _ = try? ResponsesRequest(parsing: bytes)
    }

    /// What the schema allows is JSON, and can always be completed.
    private func readSchema(_ bytes: [UInt8]) {
        guard let schema = try? JSONValue(parsing: bytes), let constraint = try? OutputConstraint(schema)
        else {
            return
        }
        var matcher = constraint.matcher
        var output: [UInt8] = []
        // Some bytes of any kind, then the shortest way to the end.
        for step in 0..<2_000 where !matcher.mustStop {
            let allowed = (UInt8.min...UInt8.max).filter(matcher.allows)
            let isClosing = step >= 40
            if isClosing, matcher.isComplete { break }
            let next = allowed.indices.map { allowed[($0 + step * 7 + bytes.count) % allowed.count] }.first {
                byte in
                var after = matcher
                return !isClosing
                    || after.advance(byte) && after.minimumBytesToFinish < matcher.minimumBytesToFinish
            }
            guard let next else { break }
            matcher.advance(next)
            output.append(next)
        }
        guard matcher.isComplete else { return }
        precondition((try? JSONValue(parsing: output)) != nil, "what a schema allowed is no JSON")
    }
}
