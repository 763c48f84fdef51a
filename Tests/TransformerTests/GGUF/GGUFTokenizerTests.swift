import Foundation
import TestSupport
import Testing
import Tokenizers

@testable import Transformer

/// The `tokenizers` library read a tokenizer.json that the GGUF file does not have: Scripts/fixtures/make-gguf-tokenizers.
struct GGUFTokenizerReferenceTests {
    /// Every file of the script, without its ending.
    static var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: TokenizerFixtures.url("gguf-tokenizers").path)
                .filter { $0.hasSuffix(".gguf") }.map { String($0.dropLast(".gguf".count)) }.sorted()
        }
    }

    static func checkpoint(_ name: String) throws -> Checkpoint {
        try Checkpoint(at: TokenizerFixtures.url("gguf-tokenizers/\(name).gguf").path)
    }

    @Test(arguments: try names)
    func `a vocabulary gives the ids and the text that its tokenizer.json gives`(name: String) throws {
        let tokenizer = try Self.checkpoint(name).tokenizer()
        let digests = try Data(contentsOf: TokenizerFixtures.url("gguf-tokenizers/\(name).digests"))
            .filter { $0 != 0x0A }
        let texts = try TokenizerFixtures.texts().enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        try #require(digests.count == 2 * texts.count && texts.count > 3000)
        var wrong: [String] = []
        for (index, text) in texts.enumerated() {
            let parsed = try tokenizer.encode(text, parsingSpecialTokens: true)
            let plain = try tokenizer.encode(text, parsingSpecialTokens: false)
            let added = try tokenizer.encode(text, parsingSpecialTokens: true, addingSpecialTokens: true)
            let ids = [parsed, plain, added].map { $0.map(String.init).joined(separator: ",") }
            let answer = [
                ids.joined(separator: "|"), tokenizer.decode(parsed),
                tokenizer.decode(parsed, skippingSpecialTokens: false),
            ].joined(separator: "\0")
            let digest = String(decoding: digests[2 * index..<2 * index + 2], as: UTF8.self)
            if Digest.of(answer) != digest { wrong.append(text.debugDescription) }
        }
        #expect(wrong.isEmpty, "\(wrong.count) differ, as these: \(wrong.prefix(5))")
    }

    @Test func `padding of the vocabulary is no token`() throws {
        let checkpoint = try Self.checkpoint("smollm")
        let tokenizer = try checkpoint.tokenizer()
        #expect(tokenizer.vocabularySize == 570)
        #expect(tokenizer.bytes(of: 571) == [])
    }

    @Test func `a file has its roles, its ends and its chat template`() throws {
        let checkpoint = try Self.checkpoint("smollm")
        let tokenizer = try checkpoint.tokenizer()
        let generation = try #require(try checkpoint.text(of: .generationConfig))
        let ends = ["<|im_end|>", "</s>", "<|endoftext|>"].compactMap { tokenizer.specialTokens[$0] }
        let others = ends.dropFirst().sorted().map { ",\($0)" }.joined()
        #expect(generation.contains("\"eos_token_id\":[\(ends[0])\(others)]"))
        let template = try #require(try checkpoint.chatTemplate())
        let prompt = try template.render([.init(role: "user", content: "ab</s>")], with: tokenizer)
        #expect(tokenizer.decode(prompt, skippingSpecialTokens: false) == "<s>ab</s><|im_end|>")
        #expect(prompt.filter { $0 == tokenizer.specialTokens["</s>"] }.isEmpty)
    }
}

struct GGUFTokenizerTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func tokenizer(_ changes: [String: GGUFModelFile.Value?]) throws -> Tokenizer {
        var file = GGUFModelFile()
        for (key, value) in changes { file.values["tokenizer.ggml.\(key)"] = value }
        return try file.checkpoint(in: folder).tokenizer()
    }

    /// The keys of a SentencePiece vocabulary.
    private static let pieces: [String: GGUFModelFile.Value?] = [
        "model": .text("llama"), "merges": nil, "pre": nil, "eos_token_id": nil,
        "tokens": .texts(["<unk>", "<s>", "</s>", "a", "b", "ab", "ba", "▁", "▁a"]),
        "token_type": .integers([2, 3, 3, 1, 1, 1, 1, 1, 1]),
        "scores": .floats([0, 0, 0, -9, -9, -2, -1, -9, -3]),
    ]

    private func pieces(_ changes: [String: GGUFModelFile.Value?] = [:]) throws -> Tokenizer {
        try tokenizer(Self.pieces.merging(changes) { $1 })
    }

    @Test func `the best score of a SentencePiece vocabulary merges first`() throws {
        let tokenizer = try pieces()
        // ▁ a b a: `ba` before `ab` and `▁a`.
        #expect(try tokenizer.encode("aba", parsingSpecialTokens: false) == [8, 6])
        #expect(
            try tokenizer.encode("aba", parsingSpecialTokens: false, addingSpecialTokens: true) == [1, 8, 6])
        #expect(tokenizer.decode([8, 6]) == "aba")
    }

    /// As `generate_merges` of transformers 5.24 orders them.
    @Test func `every split of a token is a merge, the one with the longest left part first`() throws {
        var file = GGUFModelFile()
        for (key, value) in Self.pieces { file.values["tokenizer.ggml.\(key)"] = value }
        file.values["tokenizer.ggml.tokens"] = .texts([
            "<unk>", "<s>", "</s>", "a", "b", "ab", "ba", "▁", "▁a", "aba",
        ])
        file.values["tokenizer.ggml.token_type"] = .integers([2, 3, 3, 1, 1, 1, 1, 1, 1, 1])
        file.values["tokenizer.ggml.scores"] = .floats([0, 0, 0, -9, -9, -2, -1, -9, -3, -4])
        let text = try #require(try file.checkpoint(in: folder).text(of: .tokenizer))
        #expect(text.hasSuffix(#""merges":[["b","a"],["a","b"],["▁","a"],["ab","a"],["a","ba"]]}}"#))
    }

    @Test func `a prefix and a first token are left out where the file says so`() throws {
        let tokenizer = try pieces(["add_space_prefix": .flag(false), "add_bos_token": .flag(false)])
        #expect(
            try tokenizer.encode("aba", parsingSpecialTokens: false, addingSpecialTokens: true) == [3, 6])
        #expect(tokenizer.decode([8, 6]) == " aba")
    }

    @Test func `an end is added where the file says so`() throws {
        let tokenizer = try tokenizer(["add_eos_token": .flag(true)])
        #expect(try tokenizer.encode("ab", parsingSpecialTokens: false, addingSpecialTokens: true) == [2, 3])
    }

    @Test func `a file without types has special tokens by their roles`() throws {
        let tokenizer = try tokenizer(["token_type": nil])
        #expect(tokenizer.specialTokens == ["<end>": 3])
    }

    @Test func `minus one is no token`() throws {
        #expect(try tokenizer(["bos_token_id": .integer(.max)]).vocabularySize == 4)
    }

    @Test(
        arguments: [
            ("model", .text("t5"), "is t5, which is not supported; supported are gpt2 and llama"),
            ("model", nil, "is missing"), ("model", .integer(1), "must be a string"),
            (
                "pre", .text("wordpiece"),
                "is wordpiece, which is not supported; supported are a.x-4.0, bailingmoe"
            ),
            ("tokens", nil, "is missing"), ("tokens", .integers([1]), "must be an array of strings"),
            ("tokens", .texts(["a", "b", "a", "c"]), "has the same text at 0 and at 2"),
            ("token_type", .integers([1]), "has 1 entries for 4 tokens"),
            ("token_type", .text("x"), "must be an array"),
            ("merges", nil, "is missing"),
            ("merges", .texts(["a b", "ab"]), "has no pair of tokens at 1"),
            ("merges", .texts(["a "]), "has no pair of tokens at 0"),
            ("merges", .texts(["b a"]), "has at 0 a pair of which"),
            ("eos_token_id", .integer(4), "is 4, but there are 4 tokens"),
            ("eos_token_id", .integer(.max - 1), "is 4294967294, but there are 4 tokens"),
            ("eos_token_id", .text("x"), "must be a whole"),
            ("add_bos_token", .flag(true), "is true, but there is no such token"),
            ("add_bos_token", .integer(1), "must be true or false"),
        ] as [(String, GGUFModelFile.Value?, String)])
    func `a byte-level vocabulary that cannot be used is refused by its key`(
        key: String, value: GGUFModelFile.Value?, expected: String
    ) throws {
        let error = #expect(throws: CheckpointError.self) { try tokenizer([key: value]) }
        let problem = try #require(error?.problem)
        #expect(problem.contains("`tokenizer.ggml.\(key)` \(expected)"), "\(problem)")
        #expect(error?.path == folder.path + "/model.gguf")
    }

    @Test(
        arguments: [
            ("scores", nil, "is missing"), ("scores", .floats([0]), "has 1 entries for 9 tokens"),
            ("scores", .floats(.init(repeating: .nan, count: 9)), "is not a number at 0"),
            (
                "tokens", .texts((0..<8).map(String.init) + [.init(repeating: "a", count: 513)]),
                "has a token of 513"
            ),
            ("add_space_prefix", .text("yes"), "must be true or false"),
        ] as [(String, GGUFModelFile.Value?, String)])
    func `a SentencePiece vocabulary that cannot be used is refused by its key`(
        key: String, value: GGUFModelFile.Value?, expected: String
    ) throws {
        let error = #expect(throws: CheckpointError.self) { try pieces([key: value]) }
        #expect(
            error?.problem.contains("`tokenizer.ggml.\(key)` \(expected)") == true, "\(error?.problem ?? "")")
    }

    @Test func `a template without a name is the default among several`() throws {
        var file = GGUFModelFile()
        file.values["tokenizer.chat_template"] = .text("main")
        file.values["tokenizer.chat_template.tool_use"] = .text("tools")
        file.values["tokenizer.chat_template.default"] = .text("other")
        let checkpoint = try file.checkpoint(in: folder)
        let config = try #require(try checkpoint.text(of: .tokenizerConfig))
        #expect(
            config.hasSuffix(
                #""chat_template":[{"name":"default","template":"main"},{"name":"tool_use","template":"tools"}]}"#
            ))
        let prompt = try #require(try checkpoint.chatTemplate()).render([], with: try checkpoint.tokenizer())
        #expect(prompt == [0])
    }
}
