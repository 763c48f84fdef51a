/// What sets a family of Hugging Face checkpoints apart from the others: names, defaults, and what layers do.
///
/// Everything that differs between families is here; sizes are in the checkpoint's `config.json`.
struct ModelFamily: Sendable, Hashable {
    /// As in `architectures`.
    let architecture: String
    /// What `transformers` takes where the file is silent.
    var ropeTheta = 10_000.0
    var headDimension: Int?
    var bias = Bias.asConfigured
    var queryKeyNorm = ModelConfig.QueryKeyNorm.none
    /// Multi-head latent attention.
    var isLatent = false
    var window = Window.none
    /// `nil` for dense families.
    var experts: Experts?

    /// Which of attention's projections have biases.
    enum Bias {
        /// None.
        case never
        /// All four, where `attention_bias` says so.
        case asConfigured
        /// Queries, keys and values, unless `qkv_bias` denies it.
        case queriesKeysValues
    }

    /// Which layers have a sliding window.
    enum Window {
        case none
        /// All, if the file names a width.
        case everywhere
        /// All, if `use_sliding_window`.
        case everywhereIfUsed
        /// Those from `max_window_layers` on, if `use_sliding_window`, or as `layer_types` says.
        case upperLayers
        /// Every other one below `max_window_layers`, if `use_sliding_window`, or as `layer_types` says.
        case alternating
    }

    struct Experts: Sendable, Hashable {
        /// What stands before the router's and the experts' names in a layer.
        let block: String
        /// The three matrices of an expert.
        var gate = "gate_proj"
        var up = "up_proj"
        var down = "down_proj"
        /// The shared experts' name behind `block`.
        var shared: String?
        let router: Router
    }

    /// Which fields of the file describe the router.
    enum Router {
        /// Softmax, gates divided by their sum.
        case mixtral
        /// Softmax, gates divided by their sum if `norm_topk_prob`.
        case qwen
        /// Softmax, with or without a group limit.
        case deepSeekV2
        /// Sigmoid, a bias for the choice, a group limit.
        case deepSeekV3
    }

    static let all = [
        ModelFamily(
            architecture: "MixtralForCausalLM", ropeTheta: 1_000_000, bias: .never, window: .everywhere,
            experts: Experts(
                block: "block_sparse_moe.", gate: "w1", up: "w3", down: "w2", router: .mixtral)),
        ModelFamily(
            architecture: "Qwen2MoeForCausalLM", bias: .queriesKeysValues, window: .alternating,
            experts: Experts(block: "mlp.", shared: "shared_expert", router: .qwen)),
        ModelFamily(
            architecture: "Qwen3MoeForCausalLM", queryKeyNorm: .perHead, window: .everywhereIfUsed,
            experts: Experts(block: "mlp.", router: .qwen)),
        ModelFamily(
            architecture: "OlmoeForCausalLM", queryKeyNorm: .whole,
            experts: Experts(block: "mlp.", router: .qwen)),
        ModelFamily(
            architecture: "DeepseekV2ForCausalLM", isLatent: true,
            experts: Experts(block: "mlp.", shared: "shared_experts", router: .deepSeekV2)),
        ModelFamily(
            architecture: "DeepseekV3ForCausalLM", isLatent: true,
            experts: Experts(block: "mlp.", shared: "shared_experts", router: .deepSeekV3)),
        ModelFamily(architecture: "LlamaForCausalLM"),
        ModelFamily(architecture: "MistralForCausalLM", bias: .never, window: .everywhere),
        ModelFamily(architecture: "Qwen2ForCausalLM", bias: .queriesKeysValues, window: .upperLayers),
        ModelFamily(
            architecture: "Qwen3ForCausalLM", headDimension: 128, queryKeyNorm: .perHead,
            window: .upperLayers),
    ]

    /// The family of this name.
    static func named(_ architecture: String) -> ModelFamily? {
        all.first { $0.architecture == architecture }
    }
}
