/// Where the weight of a Hugging Face name is in a GGUF file.
struct GGUFOrigin: Hashable {
    enum Part: Hashable {
        case whole
        /// One expert of a tensor that stacks them: [experts, outputs, inputs].
        case expert(Int)
        /// Queries or keys, whose rows are in another order: see `GGUFRowOrder`.
        case rotated(isQuery: Bool)
        /// `attn_kv_b`, or the two tensors that newer files have in its place.
        case latentKeysValues
    }

    /// The file's name for the tensor.
    let name: String
    let part: Part
}

/// The names of tensors in GGUF files, by those of Hugging Face.
///
/// Source: gguf-py/gguf/tensor_mapping.py and conversion of llama.cpp.
enum GGUFNames {
    private static let whole = [
        "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
        "lm_head.weight": "output.weight",
    ]

    /// What stands behind `model.layers.N.`, without `.weight` or `.bias`.
    private static let inLayer = [
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
        "self_attn.k_norm": "attn_k_norm",
        "self_attn.q_a_proj": "attn_q_a", "self_attn.q_a_layernorm": "attn_q_a_norm",
        "self_attn.q_b_proj": "attn_q_b", "self_attn.kv_a_proj_with_mqa": "attn_kv_a_mqa",
        "self_attn.kv_a_layernorm": "attn_kv_a_norm", "self_attn.kv_b_proj": "attn_kv_b",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
        "mlp.gate": "ffn_gate_inp", "block_sparse_moe.gate": "ffn_gate_inp",
        "mlp.shared_expert_gate": "ffn_gate_inp_shexp",
    ]

    /// The matrices of an expert, and of the shared experts.
    private static let inExpert = [
        "gate_proj": "gate", "up_proj": "up", "down_proj": "down", "w1": "gate", "w3": "up", "w2": "down",
    ]

    /// `nil` for a name that no GGUF file has.
    ///
    /// `rotatesPairs`: whether the converter has reordered the rows of queries and keys, as it does for Llama.
    static func origin(of name: String, rotatesPairs: Bool) -> GGUFOrigin? {
        if let own = whole[name] { return GGUFOrigin(name: own, part: .whole) }
        let parts = name.split(separator: ".")
        guard parts.count > 4, parts[0] == "model", parts[1] == "layers", let layer = Int(parts[2]),
            let kind = parts.last
        else { return nil }
        let block = "blk.\(layer)."
        if kind == "e_score_correction_bias" {
            return GGUFOrigin(name: block + "exp_probs_b.bias", part: .whole)
        }
        guard kind == "weight" || kind == "bias" else { return nil }
        let inner = parts[3...].dropLast().map(String.init)
        if let own = inLayer[inner.joined(separator: ".")] {
            let part: GGUFOrigin.Part =
                switch own {
                case "attn_kv_b": .latentKeysValues
                case "attn_q" where rotatesPairs: .rotated(isQuery: true)
                case "attn_k" where rotatesPairs: .rotated(isQuery: false)
                default: .whole
                }
            return GGUFOrigin(name: "\(block)\(own).\(kind)", part: part)
        }
        guard inner.count >= 3, let matrix = inExpert[inner[inner.count - 1]] else { return nil }
        if inner[1] == "experts", inner.count == 4, let expert = Int(inner[2]) {
            return GGUFOrigin(name: "\(block)ffn_\(matrix)_exps.\(kind)", part: .expert(expert))
        }
        guard inner[1] == "shared_expert" || inner[1] == "shared_experts" else { return nil }
        return GGUFOrigin(name: "\(block)ffn_\(matrix)_shexp.\(kind)", part: .whole)
    }

    /// The name of one expert's tensor in files from before experts were stacked (April 2024).
    static func unstacked(_ name: String, expert: Int) -> String {
        name.replacing("_exps.", with: ".\(expert).")
    }
}
