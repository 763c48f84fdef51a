import Foundation
import JSON
import Numerics
import TestSupport
import Testing

@testable import Transformer

struct GGUFConfigTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The members of a document.
    private func members(
        of name: DocumentName = .config, _ file: GGUFModelFile
    ) throws -> [JSONValue.Member] {
        let text = try #require(try file.checkpoint(in: folder).text(of: name))
        guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else { return [] }
        return members
    }

    private func problem(_ file: GGUFModelFile) -> String? {
        #expect(throws: CheckpointError.self) { try file.checkpoint(in: folder).config() }?.problem
    }

    @Test(arguments: try GGUFFixture.all)
    func `the config equals that of the folder that was converted`(fixture: GGUFFixture) throws {
        let (file, folder) = (try Checkpoint(at: fixture.path), try Checkpoint(at: fixture.folder))
        #expect(try file.config() == folder.config())
    }

    @Test func `a window makes a Mistral of a Llama, and experts a Mixtral`() throws {
        var file = GGUFModelFile()
        #expect(try file.checkpoint(in: folder).config().architecture == "LlamaForCausalLM")
        file.values["llama.attention.sliding_window"] = .integer(32)
        let windowed = try file.checkpoint(in: folder).config()
        #expect(windowed.architecture == "MistralForCausalLM")
        #expect(windowed.layers.allSatisfy { $0.slidingWindow == 32 })
        file.values["llama.expert_count"] = .integer(4)
        file.values["llama.expert_used_count"] = .integer(2)
        let sparse = try file.checkpoint(in: folder).config()
        #expect(sparse.architecture == "MixtralForCausalLM" && sparse.experts?.count == 4)
        #expect(sparse.experts?.perToken == 2 && sparse.layers[0].slidingWindow == 32)
    }

    @Test func `numbers of 32 bits become the decimal that was meant`() throws {
        let members = try members(
            GGUFModelFile(
                "llama",
                ["llama.rope.freq_base": .float(1_000_000), "llama.attention.clamp_kqv": .float(0.1)]))
        #expect(members["rms_norm_eps"] == .number(1e-5) && members["clip_qkv"] == .number(0.1))
        #expect(members["rope_theta"] == .number(1_000_000))
    }

    @Test func `a size that is given layer by layer must be the same in all`() throws {
        var file = GGUFModelFile("llama", ["llama.attention.head_count_kv": .integers([2, 2])])
        #expect(try file.checkpoint(in: folder).config().attention.keyValueHeads == 2)
        file.values["llama.feed_forward_length"] = .integers([96, 64])
        #expect(problem(file)?.contains("`llama.feed_forward_length` differs between layers") == true)
    }

    @Test(
        arguments: [
            ("linear", nil, "linear"), ("linear", 1, nil), (nil, 4, "linear"), ("none", 4, nil),
            ("yarn", 4, "yarn"),
        ] as [(String?, Float?, String?)])
    func `the rotary scaling is read as llama.cpp does`(
        type: String?, factor: Float?, expected: String?
    ) throws {
        var file = GGUFModelFile()
        file.values["llama.rope.scaling.type"] = type.map { .text($0) }
        file.values["llama.rope.scaling.factor"] = factor.map { .float($0) }
        if type == "linear", factor == nil { file.values["llama.rope.scale_linear"] = .float(4) }
        guard case .object(let scaling) = try members(file)["rope_scaling"] else {
            #expect(expected == nil)
            return
        }
        #expect(scaling["rope_type"] == expected.map(JSONValue.string) && scaling["factor"] == .number(4))
    }

    @Test func `Llama 3's scaling is found from its factors`() throws {
        // Of Llama 3.2 with 1 B: factor 32, 1 … 4 turns within 8192 positions, base 500,000, heads of 64.
        let factors: [Float] = [
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.65132928, 3.29226279, 9.66673088, 32, 32, 32, 32,
            32, 32,
            32, 32, 32, 32, 32, 32, 32, 32,
        ]
        var file = GGUFModelFile("llama", ["llama.rope.freq_base": .float(500_000)])
        file.values["llama.embedding_length"] = .integer(256)
        file.tensors["rope_freqs.weight"] = factors
        let rotary = try file.checkpoint(in: folder).config().rotary
        #expect(
            rotary.scaling
                == .llama3(
                    .init(factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, trainedPositions: 8192)))
        file.tensors["rope_freqs.weight"] = factors.map { $0 == 1 ? 1.5 : $0 }
        #expect(problem(file)?.contains("tensor `rope_freqs.weight`") == true)
        file.tensors["rope_freqs.weight"] = factors.map { _ in 1 }
        #expect(try file.checkpoint(in: folder).config().rotary.scaling == .none)
    }

    @Test(
        arguments: [
            ("general.type", .text("adapter"), "merge the two"),
            ("general.type", .text("mmproj"), "language model"),
            ("general.architecture", .text("clip"), "language model"),
            ("general.architecture", .text("nomic-bert-moe"), "is nomic-bert-moe, an encoder"),
            ("general.architecture", .text("gemma3"), "supported are llama, qwen2, qwen3, qwen2moe"),
            ("general.architecture", nil, "is missing"),
            ("general.architecture", .integer(1), "must be a string"),
            ("llama.attention.causal", .flag(false), "encoder"),
            ("llama.pooling_type", .integer(3), "embeddings"),
            ("llama.rope.scaling.type", .text("longrope"), "is longrope"),
            ("llama.rope.dimension_count", .integer(8), "only whole heads of 16"),
            ("llama.attention.temperature_scale", .float(0.1), "not supported"),
            ("llama.block_count", nil, "is missing"),
            ("llama.context_length", .text("long"), "must be a whole number"),
            ("llama.attention.layer_norm_rms_epsilon", nil, "is missing"),
            ("llama.attention.layer_norm_rms_epsilon", .float(.nan), "is not finite"),
            ("llama.attention.head_count", .integer(0), "is 0"),
            ("llama.nextn_predict_layers", .integer(9), "is 9 of 2"),
            ("llama.expert_count", .integer(8), "expert_used_count` is missing"),
        ] as [(String, GGUFModelFile.Value?, String)])
    func `what cannot be served is refused by its key`(
        key: String, value: GGUFModelFile.Value?, expected: String
    ) throws {
        var file = GGUFModelFile()
        file.values[key] = value
        let problem = try #require(self.problem(file))
        #expect(
            problem.contains(expected) && (problem.contains("`\(key)`") || expected.contains("`")),
            "\(problem)")
    }

    @Test(arguments: ["output.bias", "blk.0.ffn_up.bias", "blk.0.attn_q.bias", "rope_factors_long.weight"])
    func `a tensor that would change the computation is refused`(name: String) throws {
        var file = GGUFModelFile()
        file.tensors[name] = [0]
        #expect(problem(file)?.contains("`\(name)`") == true)
    }

    @Test func `a vocabulary without a model is refused`() throws {
        var file = GGUFModelFile()
        file.tensors = ["a": [0]]
        #expect(problem(file)?.contains("a vocabulary without a model") == true)
    }
}
