import JSON
import Numerics
import Transformer

/// The architecture of the mixture that a dense model becomes, as `transformers` knows it.
struct SparseArchitecture {
    enum Family {
        /// Experts only.
        case mixtral
        /// Experts, and a shared expert that computes every token.
        case qwen2Moe
        /// Experts only, and norms of queries and keys.
        case qwen3Moe
    }

    let family: Family
    let experts: Int
    let choices: Int
    private let config: ModelConfig

    /// The feed-forward width of the dense model, and of each expert.
    let width: Int

    /// Finds the family that has all features of `config`, which was read at `path`.
    ///
    /// - Throws: `UpcyclingError` if there is none.
    init(
        of config: ModelConfig, at path: String, experts: Int, choices: Int, shared: Bool
    ) throws(UpcyclingError) {
        self.config = config
        self.experts = experts
        self.choices = choices
        func fault(_ problem: String) -> UpcyclingError {
            UpcyclingError(.checkpoint, "\(path): \(config.architecture) cannot be upcycled: \(problem)")
        }
        guard config.experts == nil, case .dense(let width)? = config.layers.first?.feedForward else {
            throw fault("the model has experts already; name a dense one")
        }
        self.width = width
        guard case .grouped(let projection) = config.projection else {
            throw fault("no sparse architecture that transformers knows has its attention")
        }
        guard !config.hasOutputBias else {
            throw fault("its attention has a bias on the output, which no sparse architecture here has")
        }
        let windows = Set(config.layers.map(\.slidingWindow))
        switch projection.norm {
        case .none where shared || projection.hasBias: family = .qwen2Moe
        case .none: family = .mixtral
        case .perHead where shared:
            throw fault(
                "no architecture has both norms of queries and keys and a shared expert; leave out --shared")
        case .perHead: family = .qwen3Moe
        case .whole: throw fault("no sparse architecture here has its norm of queries and keys")
        }
        guard family == .qwen2Moe || windows.count == 1 else {
            throw fault("some of its layers have a sliding window and others none")
        }
    }

    /// The value of `architectures`.
    var name: String {
        switch family {
        case .mixtral: "MixtralForCausalLM"
        case .qwen2Moe: "Qwen2MoeForCausalLM"
        case .qwen3Moe: "Qwen3MoeForCausalLM"
        }
    }

    /// The value of `model_type`.
    private var modelType: String {
        switch family {
        case .mixtral: "mixtral"
        case .qwen2Moe: "qwen2_moe"
        case .qwen3Moe: "qwen3_moe"
        }
    }

    /// Whether half of a layer's output comes from a shared expert.
    ///
    /// Its gate is zero, so that its weight is sigmoid(0) = 1/2. The experts' last matrices are halved, which is exact,
    /// so that both halves make up the dense model's output.
    var hasSharedExpert: Bool { family == .qwen2Moe }

    /// What stands before the router's and the experts' names in a layer.
    var block: String { family == .mixtral ? "block_sparse_moe." : "mlp." }

    /// The names of an expert's matrices: gate, up and down.
    var expertNames: [String] {
        family == .mixtral ? ["w1", "w3", "w2"] : ["gate_proj", "up_proj", "down_proj"]
    }

    /// `config.json` of the mixture: that of the dense model, with the fields of the experts.
    ///
    /// Fields whose defaults differ between the architectures are written out.
    func configuration(from dense: [JSONValue.Member], dtype: String) -> [JSONValue.Member] {
        var members = dense.filter { !Self.dropped.contains($0.name) }
        func set(_ name: String, _ value: JSONValue) {
            if let place = members.firstIndex(where: { $0.name == name }) {
                members[place].value = value
            } else {
                members.append(JSONValue.Member(name, value))
            }
        }
        set("architectures", .array([.string(name)]))
        set("model_type", .string(modelType))
        set("hidden_act", .string("silu"))
        set("head_dim", .integer(config.attention.keyDimension))
        set("num_key_value_heads", .integer(config.attention.keyValueHeads))
        set("tie_word_embeddings", .bool(config.tiesEmbeddings))
        let theta: JSONValue? =
            if case .object(let rope)? = dense["rope_parameters"] { rope["rope_theta"] } else { nil }
        if theta == nil { set("rope_theta", .number(config.rotary.theta)) }
        set("torch_dtype", .string(dtype))
        set("num_experts_per_tok", .integer(choices))
        switch family {
        case .mixtral:
            set("num_local_experts", .integer(experts))
        case .qwen2Moe, .qwen3Moe:
            set("num_experts", .integer(experts))
            set("moe_intermediate_size", .integer(width))
            set("norm_topk_prob", .bool(true))
            set("decoder_sparse_step", .integer(1))
            set("mlp_only_layers", .array([]))
        }
        for member in windows { set(member.name, member.value) }
        if family == .qwen2Moe {
            set("shared_expert_intermediate_size", .integer(width))
            if case .grouped(let projection) = config.projection {
                set("qkv_bias", .bool(projection.hasBias))
            }
        }
        return members
    }

    /// The fields that say which layers have a sliding window.
    private var windows: [JSONValue.Member] {
        let width = config.layers.lazy.compactMap(\.slidingWindow).first
        var members = [JSONValue.Member("sliding_window", width.map { .integer($0) } ?? .null)]
        if family != .mixtral { members.append(JSONValue.Member("use_sliding_window", .bool(width != nil))) }
        if family == .qwen2Moe {
            let types = config.layers.map { $0.slidingWindow == nil ? "full_attention" : "sliding_attention" }
            members.append(JSONValue.Member("layer_types", .array(types.map { .string($0) })))
        }
        return members
    }

    /// Fields that describe the dense file, or that the sparse architectures lack or have otherwise.
    private static let dropped: Set<String> = [
        "layer_types", "max_window_layers", "_name_or_path", "transformers_version", "torch_dtype", "dtype",
        "mlp_bias", "attention_bias",
        "pretraining_tp", "rope_interleaved", "is_llama_config", "transformers.js_config",
    ]
}
