import GGUF
import JSON

extension GGUFConfig {
    /// Whether layers have experts.
    var isSparse: Bool {
        get throws(GGUFError) { try model.integer("expert_count") ?? 0 > 0 }
    }

    /// A router of DeepSeek-V3 has sigmoids, and biases for the choice.
    var isDeepSeekV3: Bool {
        get throws(GGUFError) {
            let sigmoid = 2
            if try model.integer("expert_gating_func") == sigmoid { return true }
            return try (0..<boundedLayerCount).contains { model.hasTensor("blk.\($0).exp_probs_b.bias") }
        }
    }

    /// The number of layers, limited by the file's tensors: a hostile count must not keep a loop busy.
    private var boundedLayerCount: Int {
        get throws(GGUFError) { max(0, min(try layerCount, model.parts.tensors.count)) }
    }

    func experts() throws(GGUFError) -> [JSONValue.Member] {
        switch model.architecture {
        case .qwen2, .qwen3: return []
        case .llama where try !isSparse: return []
        default: break
        }
        let count = try model.required("expert_count")
        let chosen = try model.required("expert_used_count")
        guard chosen > 0 else { throw model.error("expert_used_count", "is \(chosen)") }
        var members: [JSONValue.Member] = []
        members.add("num_experts_per_tok", chosen)
        switch model.architecture {
        case .deepseek2: members += try deepSeekExperts(count)
        case .llama: members.add("num_local_experts", count)
        case .olmoe:
            members.add("num_experts", count)
            members.add("norm_topk_prob", .bool(false))
        default: members += try qwenExperts(count, chosen: chosen)
        }
        return members
    }

    private func qwenExperts(_ count: Int, chosen: Int) throws(GGUFError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        let width = try model.integer("feed_forward_length")
        members.add("num_experts", count)
        members.add(
            "moe_intermediate_size",
            try model.integer("expert_feed_forward_length") ?? width.map { $0 / chosen })
        members.add("norm_topk_prob", .bool(model.architecture == .qwen3moe))
        members.add("decoder_sparse_step", 1)
        let dense = try (0..<boundedLayerCount).filter { model.hasTensor("blk.\($0).ffn_gate.weight") }
        members.add("mlp_only_layers", .array(dense.map(JSONValue.integer)))
        if model.architecture == .qwen2moe {
            members.add(
                "shared_expert_intermediate_size",
                try model.integer("expert_shared_feed_forward_length") ?? width)
        }
        return members
    }

    private func deepSeekExperts(_ count: Int) throws(GGUFError) -> [JSONValue.Member] {
        let isV3 = try isDeepSeekV3
        let isNormalised = try model.metadata.bool(model.key("expert_weights_norm")) ?? false
        guard isV3 || !isNormalised else {
            throw model.error("expert_weights_norm", "is true, which is not supported with a softmax")
        }
        let groups = max(1, try model.integer("expert_group_count") ?? 1)
        let scale = try model.number("expert_weights_scale") ?? 1
        var members: [JSONValue.Member] = []
        members.add("n_routed_experts", count)
        members.add("n_shared_experts", try model.integer("expert_shared_count") ?? 0)
        members.add("moe_intermediate_size", try model.required("expert_feed_forward_length"))
        members.add("first_k_dense_replace", try model.integer("leading_dense_block_count") ?? 0)
        members.add("n_group", groups)
        members.add("topk_group", groups == 1 ? 1 : try model.required("expert_group_used_count"))
        members.add("norm_topk_prob", .bool(isNormalised))
        // llama.cpp takes zero for no scale.
        members.add("routed_scaling_factor", scale == 0 ? 1 : scale)
        members.add("scoring_func", isV3 ? "sigmoid" : "softmax")
        members.add("topk_method", isV3 ? "noaux_tc" : groups > 1 ? "group_limited_greedy" : "greedy")
        return members
    }
}
