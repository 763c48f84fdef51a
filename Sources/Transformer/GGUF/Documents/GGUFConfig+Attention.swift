import GGUF
import JSON

extension GGUFConfig {
    func attention() throws(GGUFError) -> [JSONValue.Member] {
        let heads = try model.required("attention.head_count")
        return model.architecture == .deepseek2
            ? try latentAttention(heads: heads) : try groupedAttention(heads: heads)
    }

    private func groupedAttention(heads: Int) throws(GGUFError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        members.add("num_attention_heads", heads)
        members.add("num_key_value_heads", try model.integer("attention.head_count_kv") ?? heads)
        members.add("head_dim", try headDimension(heads: heads))
        if try hasBias() { members.add("attention_bias", .bool(true)) }
        members.add("clip_qkv", try model.number("attention.clamp_kqv"))
        members.add("sliding_window", try slidingWindow)
        return members
    }

    /// How many positions back a token attends; `nil` for all.
    ///
    /// Qwen's files do not say which layers have a window, so llama.cpp gives them none.
    var slidingWindow: Int? {
        get throws(GGUFError) {
            guard model.architecture == .llama, let width = try model.integer("attention.sliding_window")
            else { return nil }
            return width == 0 ? nil : width
        }
    }

    private func headDimension(heads: Int) throws(GGUFError) -> Int {
        guard heads > 0 else { throw model.error("attention.head_count", "is \(heads)") }
        let width = try model.required("embedding_length")
        let dimension = try model.integer("attention.key_length") ?? width / heads
        for name in ["attention.value_length", "rope.dimension_count"] {
            if let other = try model.integer(name), other != dimension {
                throw model.error(name, "is \(other); only whole heads of \(dimension) are supported")
            }
        }
        return dimension
    }

    /// Whether all four projections have biases, as `attention_bias` of `transformers` says.
    private func hasBias() throws(GGUFError) -> Bool {
        let (input, output) = ("blk.0.attn_q.bias", "blk.0.attn_output.bias")
        switch model.architecture {
        // Their queries, keys and values always have biases.
        case .qwen2, .qwen2moe: return false
        default: break
        }
        guard model.hasTensor(input) == model.hasTensor(output) else {
            throw GGUFError(
                model.parts.path,
                "has only one of the tensors `\(input)` and `\(output)`; \(model.architecture.rawValue) is "
                    + "supported with both or none")
        }
        return model.hasTensor(input)
    }

    private func latentAttention(heads: Int) throws(GGUFError) -> [JSONValue.Member] {
        let rotated = try model.required("rope.dimension_count")
        // In files since 2025 the plain keys are sizes of the cached latents.
        let suffix = try model.integer("attention.key_length_mla") == nil ? "" : "_mla"
        let keys = try model.required("attention.key_length" + suffix)
        guard keys > rotated else {
            throw model.error(
                "attention.key_length" + suffix, "is \(keys), but \(rotated) of each key are rotated")
        }
        // Files of V2-Lite may name a rank, though their queries have no latent.
        let queryRank =
            model.hasTensor("blk.0.attn_q_a.weight") ? try model.required("attention.q_lora_rank") : nil
        var members: [JSONValue.Member] = []
        members.add("num_attention_heads", heads)
        members.add("num_key_value_heads", heads)
        members.add("head_dim", rotated)
        members.add("q_lora_rank", queryRank.map(JSONValue.integer) ?? .null)
        members.add("kv_lora_rank", try model.required("attention.kv_lora_rank"))
        members.add("qk_nope_head_dim", keys - rotated)
        members.add("qk_rope_head_dim", rotated)
        members.add("v_head_dim", try model.required("attention.value_length" + suffix))
        members.add("rope_interleave", .bool(true))
        return members
    }
}
