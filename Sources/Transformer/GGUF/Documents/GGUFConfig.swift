import GGUF
import JSON

/// Translates the metadata of an architecture to `config.json`.
///
/// What the metadata does not say is as llama.cpp computes it.
struct GGUFConfig {
    let model: GGUFModel

    init(_ model: GGUFModel) {
        self.model = model
    }

    func document() throws(GGUFError) -> JSONValue {
        try checkSupported()
        var members: [JSONValue.Member] = []
        let (architecture, type) = try names()
        members.add("architectures", .array([.string(architecture)]))
        members.add("model_type", .string(type))
        members += try sizes()
        members += try attention()
        members += try rotary()
        members += try experts()
        members += try tokens()
        return .object(members)
    }

    /// What `transformers` calls the architecture, and the module that has it.
    private func names() throws(GGUFError) -> (architecture: String, type: String) {
        switch model.architecture {
        case .llama where try isSparse: ("MixtralForCausalLM", "mixtral")
        case .llama where try slidingWindow != nil: ("MistralForCausalLM", "mistral")
        case .llama: ("LlamaForCausalLM", "llama")
        case .qwen2: ("Qwen2ForCausalLM", "qwen2")
        case .qwen3: ("Qwen3ForCausalLM", "qwen3")
        case .qwen2moe: ("Qwen2MoeForCausalLM", "qwen2_moe")
        case .qwen3moe: ("Qwen3MoeForCausalLM", "qwen3_moe")
        case .olmoe: ("OlmoeForCausalLM", "olmoe")
        case .deepseek2 where try isDeepSeekV3: ("DeepseekV3ForCausalLM", "deepseek_v3")
        case .deepseek2: ("DeepseekV2ForCausalLM", "deepseek_v2")
        }
    }

    /// Refuses tensors that would change the computation in an unsupported way.
    private func checkSupported() throws(GGUFError) {
        for name in [
            "output.bias", "blk.0.ffn_gate.bias", "blk.0.ffn_up.bias", "blk.0.ffn_down.bias",
            "blk.0.ffn_gate_exps.bias", "rope_factors_long.weight", "blk.0.rope_factors_long.weight",
        ] where model.hasTensor(name) {
            throw GGUFError(model.parts.path, "has the tensor `\(name)`, which is not supported")
        }
        if let scale = try model.number("attention.temperature_scale"), scale != 0 {
            throw model.error("attention.temperature_scale", "is \(scale), which is not supported")
        }
    }

    /// Layers, without those that only predict further tokens.
    var layerCount: Int {
        get throws(GGUFError) {
            let count = try model.required("block_count")
            let further = try model.integer("nextn_predict_layers") ?? 0
            guard 0...count ~= further else {
                throw model.error("nextn_predict_layers", "is \(further) of \(count) layers")
            }
            return count - further
        }
    }

    private func sizes() throws(GGUFError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        members.add("vocab_size", try GGUFVocabulary(model.metadata).texts.count)
        members.add("hidden_size", try model.required("embedding_length"))
        members.add("intermediate_size", try model.integer("feed_forward_length"))
        members.add("num_hidden_layers", try layerCount)
        members.add("hidden_act", "silu")
        members.add("max_position_embeddings", try model.required("context_length"))
        guard let epsilon = try model.number("attention.layer_norm_rms_epsilon") else {
            throw model.error("attention.layer_norm_rms_epsilon", "is missing")
        }
        members.add("rms_norm_eps", epsilon)
        members.add("tie_word_embeddings", .bool(!model.hasTensor("output.weight")))
        return members
    }

    private func tokens() throws(GGUFError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        let vocabulary = try GGUFVocabulary(model.metadata)
        members.add("bos_token_id", vocabulary.beginning)
        members.add("eos_token_id", vocabulary.end)
        members.add("pad_token_id", vocabulary.padding)
        return members
    }
}
