import Foundation
import Numerics
import Testing
import TestSupport
import Tokenizers
import Transformer

struct ModelConfigTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A small Mixtral; a value of `nil` removes the field.
    private func config(
        _ architecture: String = "MixtralForCausalLM", _ changes: [String: String?] = [:]
    ) throws -> ModelConfig {
        var fields: [String: String] = [
            "architectures": "[\"\(architecture)\"]", "vocab_size": "100", "hidden_size": "64",
            "intermediate_size": "96",
            "num_hidden_layers": "2", "num_attention_heads": "4", "num_key_value_heads": "2",
            "hidden_act": "\"silu\"",
            "max_position_embeddings": "128", "rms_norm_eps": "1e-5", "rope_theta": "10000.0",
            "eos_token_id": "2",
            "num_local_experts": "8", "num_experts_per_tok": "2",
        ]
        for (field, value) in changes { fields[field] = value }
        let json = "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
        _ = try folder.write("config.json", json)
        return try Checkpoint(at: folder.path).config()
    }

    private func problem(
        _ changes: [String: String?], of architecture: String = "MixtralForCausalLM"
    ) throws -> String {
        let error = #expect(throws: CheckpointError.self) { try config(architecture, changes) }
        #expect(error?.path == folder.path + "/config.json")
        return error?.problem ?? ""
    }

    @Test func `the sparse model's config reads whole`() throws {
        let config = try Checkpoint(at: TokenizerFixtures.storyFolder).config()
        #expect(config.architecture == "MixtralForCausalLM")
        #expect(config.vocabularySize == 2048 && config.hiddenSize == 256 && config.experts?.width == 192)
        #expect(config.layerCount == 6 && config.attention.heads == 8 && config.attention.keyValueHeads == 2)
        #expect(config.attention.keyDimension == 32 && config.maximumPositions == 8192)
        #expect(config.layers.allSatisfy { $0.slidingWindow == 256 })
        #expect(config.experts?.count == 8 && config.experts?.perToken == 2)
        #expect(config.rotary.theta == 10_000 && config.rmsNormEpsilon == 1e-5 && config.tiesEmbeddings)
        #expect(config.endTokens == [2, 0])
    }

    @Test func `what the file leaves out has its usual value`() throws {
        let config = try config(
            "MixtralForCausalLM",
            ["num_key_value_heads": nil, "rope_theta": nil, "hidden_act": nil, "eos_token_id": nil])
        #expect(config.attention.keyValueHeads == 4 && config.attention.keyDimension == 16)
        #expect(config.rotary.theta == 1_000_000 && config.endTokens == [] && !config.tiesEmbeddings)
        #expect(try self.config("LlamaForCausalLM", ["rope_theta": nil]).rotary.theta == 10_000)
    }

    @Test func `a dense model has no experts, and only a Mistral or Mixtral a window`() throws {
        let fields =
            ["num_local_experts": nil, "num_experts_per_tok": nil, "sliding_window": "32"]
            as [String: String?]
        #expect(try config("MistralForCausalLM", fields).experts == nil)
        #expect(try config("MistralForCausalLM", fields).layers[1].slidingWindow == 32)
        #expect(try config("LlamaForCausalLM", fields).layers[1].slidingWindow == nil)
        #expect(try config("MixtralForCausalLM", ["sliding_window": "null"]).layers[1].slidingWindow == nil)
    }

    @Test func `the rotary base is found in its newer place too`() throws {
        let newer = #"{"rope_theta":500000.0,"rope_type":"default"}"#
        #expect(
            try config("LlamaForCausalLM", ["rope_theta": nil, "rope_parameters": newer]).rotary.theta
                == 500_000
        )
        #expect(
            try config("LlamaForCausalLM", ["rope_scaling": #"{"type":"default"}"#]).rotary.theta == 10_000)
        #expect(try config("LlamaForCausalLM", ["rope_scaling": "null"]).rotary.theta == 10_000)
    }

    @Test(
        arguments: [
            ("7", nil, [7]), ("[7,8]", nil, [7, 8]), ("null", nil, []),
            ("7", #"{"eos_token_id":[8,7]}"#, [7, 8]),
            ("null", #"{"eos_token_id":9}"#, [9]), ("7", #"{"do_sample":true}"#, [7]),
        ] as [(String, String?, [TokenID])])
    func `end tokens come from both files, each once`(
        config: String, generation: String?, expected: [TokenID]
    ) throws {
        if let generation { _ = try folder.write("generation_config.json", generation) }
        #expect(try self.config("MixtralForCausalLM", ["eos_token_id": config]).endTokens == expected)
    }

    @Test func `a fault in generation_config.json names that file`() throws {
        let path = try folder.write("generation_config.json", #"{"eos_token_id":100}"#)
        #expect(throws: CheckpointError(path, "`eos_token_id` names token 100, but vocab_size is 100")) {
            try config()
        }
    }

    @Test(arguments: [
        ("vocab_size", "0", "`vocab_size` is 0; it must lie in 1 ... 4194304"),
        ("hidden_size", "-64", "`hidden_size` is -64; it must lie in"),
        (
            "num_hidden_layers", "9000000000000000000",
            "`num_hidden_layers` is 9000000000000000000; it must lie in"
        ),
        ("intermediate_size", "1e30", "has a number that does not fit its field"),
        ("max_position_embeddings", "\"128\"", "`max_position_embeddings`"),
        ("num_key_value_heads", "3", "`num_attention_heads` is 4, not a multiple of num_key_value_heads 3"),
        ("num_attention_heads", "6", "`hidden_size` is 64, not a multiple of num_attention_heads 6"),
        ("num_attention_heads", "0", "`num_attention_heads` is 0"),
        ("head_dim", "15", "`head_dim` is 15; rotary embeddings need an even one"),
        ("num_experts_per_tok", "9", "`num_experts_per_tok` is 9; it must lie in 1 ... num_local_experts 8"),
        ("num_experts_per_tok", "0", "`num_experts_per_tok` is 0"),
        ("num_local_experts", "-1", "`num_local_experts` is -1"),
        ("sliding_window", "0", "`sliding_window` is 0"),
        ("rope_theta", "0", "`rope_theta` is 0.0; it must be positive"),
        ("rms_norm_eps", "1e-60", "`rms_norm_eps` is 1e-60; it must be positive and fit a 32-bit float"),
        ("eos_token_id", "100", "`eos_token_id` names token 100, but vocab_size is 100"),
        ("eos_token_id", "\"</s>\"", "`eos_token_id`"),
    ])
    func `a value out of range is refused by name`(field: String, value: String, wanted: String) throws {
        let problem = try problem([field: value])
        #expect(problem.hasPrefix(wanted), "\(problem)")
    }

    @Test(arguments: [
        (
            "architectures", #"["GPT2LMHeadModel"]"#,
            "supported are MixtralForCausalLM, Qwen2MoeForCausalLM, Qwen3MoeForCausalLM, OlmoeForCausalLM"
        ),
        ("hidden_act", "\"gelu\"", "`hidden_act` is gelu; only silu is supported"),
        ("attention_bias", "true", "`attention_bias` is true"),
        ("mlp_bias", "true", "`mlp_bias` is true"),
        ("quantization_config", #"{"bits":4}"#, "`quantization_config` is set"),
        ("rope_scaling", #"{"type":"linear"}"#, "`rope_scaling.factor` is missing"),
        ("rope_scaling", #"{"type":"dynamic","factor":2.0}"#, "`rope_scaling` asks for dynamic scaling"),
        (
            "rope_scaling", #"{"rope_type":"llama3","factor":8.0}"#,
            "`rope_scaling.low_freq_factor` is missing"
        ),
        ("rope_scaling", #"{"factor":8.0}"#, "`rope_scaling` asks for unnamed scaling"),
        (
            "rope_parameters", #"{"rope_type":"yarn","factor":-1}"#,
            "`rope_parameters.factor` is -1.0; it must be positive"
        ),
        (
            "rope_parameters", #"{"partial_rotary_factor":0.5}"#,
            "`rope_parameters` asks for partial_rotary_factor 0.5"
        ),
    ])
    func `what the decoder does not do is refused by name`(
        field: String, value: String, wanted: String
    ) throws {
        let problem = try problem([field: value])
        #expect(problem.contains(wanted), "\(problem)")
    }

    @Test(arguments: [
        "architectures", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
        "num_attention_heads",
        "max_position_embeddings", "rms_norm_eps", "num_local_experts", "num_experts_per_tok",
    ])
    func `a missing field is named`(field: String) throws {
        #expect(try problem([field: nil]) == "`\(field)` is missing")
    }
}
