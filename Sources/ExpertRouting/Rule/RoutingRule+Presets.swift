extension RoutingRule {
    /// The routing rule of a published implementation.
    ///
    /// A preset sets capacity, slot priority and overflow only. The checkpoint says how experts are scored, how many a
    /// token chooses and how gates are normalised before dropping. Random refusals of the originals (GShard's `2·g₂ >
    /// rnd`, DeepSpeed's random token selection, Gumbel noise on the second expert) are off: they would change
    /// completions without any neighbour, and so fake the effect.
    public struct Preset: Sendable, Hashable {
        /// The name to type.
        public let name: String
        public let rule: RoutingRule
        /// What is special about it, in one line.
        public let summary: String
        /// Where the rule was read.
        public let source: String
    }

    /// The default: a real inference path that drops tokens across the whole batch, while generating too.
    public static let `default` = RoutingRule()

    /// The rule of the preset with this name, or `nil`.
    public static func preset(named name: String) -> RoutingRule? {
        presets.first { $0.name == name }?.rule
    }

    /// All presets, the default first.
    public static let presets: [Preset] = [
        Preset(
            name: "deepspeed-inference", rule: .default,
            summary: "max(1, ⌈K·T/E⌉) slots, first choices first, gates renormalised after dropping",
            source: "DeepSpeed: top2gating in deepspeed/moe/sharded_moe.py, "
                + "with the defaults of deepspeed/ops/transformer/inference/moe_inference.py"),
        Preset(
            name: "gshard",
            rule: RoutingRule(
                capacity: CapacityRule(minimum: 4, rounding: .down, multiple: 4), overflow: .residual),
            summary: "⌊K·T/E⌋ slots in multiples of 4, first choices first",
            source: "GShard, arXiv:2006.16668, Algorithm 1 (C = 2S/E for two choices); rounding of "
                + "Top2GatingOnLogits in lingvo/core/gshard_layers.py"),
        Preset(
            name: "switch",
            rule: RoutingRule(
                capacity: CapacityRule(
                    factor: 2, minimum: 4, formula: .perToken, rounding: .nearestEven),
                overflow: .residual),
            summary: "max(4, round(2·T/E)) slots, choices not counted, first choices first",
            source: "Switch Transformer, arXiv:2101.03961, evaluated as in flaxformer: "
                + "flaxformer/architectures/moe/moe_layers.py, t5x/configs/moe/models/switch_base.gin"),
        Preset(
            name: "vmoe-bpr",
            rule: RoutingRule(
                capacity: CapacityRule(factor: 1.05, multiple: 4), slotPriority: .batchPrioritised,
                overflow: .residual),
            summary: "⌈1.05·K·T/E⌉ slots in multiples of 4, confident tokens first",
            source: "V-MoE, arXiv:2106.05974: compute_capacity and batch_priority in vmoe/moe.py"),
        Preset(
            name: "tutel",
            rule: RoutingRule(
                capacity: CapacityRule(minimum: 0, formula: .perChoice, rounding: .down),
                overflow: .residual),
            summary: "K·⌈T/E⌉ slots, first choices first",
            source: "Tutel: extract_critical in tutel/impls/fast_dispatch.py"),
        Preset(
            name: "megatron-probs",
            rule: RoutingRule(
                capacity: CapacityRule(minimum: 0), slotPriority: .gate, overflow: .residual),
            summary: "⌈K·T/E⌉ slots, each expert keeps its largest gates",
            source: "Megatron-Core: megatron/core/transformer/moe/moe_utils.py, drop policy probs"),
        Preset(
            name: "megatron-position",
            rule: RoutingRule(
                capacity: CapacityRule(minimum: 0), slotPriority: .tokenMajor, overflow: .residual),
            summary: "⌈K·T/E⌉ slots, the end of the batch is dropped",
            source: "Megatron-Core: megatron/core/transformer/moe/moe_utils.py, drop policy position"),
        Preset(
            name: "megablocks",
            rule: RoutingRule(
                capacity: CapacityRule(minimum: 0, rounding: .down, whenZero: .unlimited),
                slotPriority: .tokenMajor, overflow: .residual),
            summary: "⌊K·T/E⌋ slots, no limit if that is 0, the end of the batch is dropped",
            source: "MegaBlocks: ParallelMLP.expert_capacity in megablocks/layers/moe.py"),
        Preset(
            name: "capacity-aware",
            rule: RoutingRule(
                capacity: CapacityRule(factor: 1.5), slotPriority: .gate, overflow: .residual,
                limitsGeneratedTokens: false),
            summary: "⌈1.5·K·T/E⌉ slots for prompt tokens only, each expert keeps its largest gates",
            source: "Capacity-Aware Inference, arXiv:2503.05066, score policy: "
                + "capacity_aware/capacity_patch.py in CASE-Lab-UMD/Capacity-Aware-MoE"),
        Preset(
            name: "dropless",
            rule: RoutingRule(capacity: CapacityRule(formula: .unlimited), overflow: .residual),
            summary: "no capacity: nothing is ever dropped",
            source: "vLLM, SGLang, Hugging Face transformers, MegaBlocks dMoE"),
    ]
}
