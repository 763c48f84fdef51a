/// The knobs of capacity-limited routing.
///
/// A rule says who shares capacity (`groupSize`), how much there is (`capacity`), who gets it
/// (`slotPriority`) and what becomes of the rest (`overflow`). It does not say how the router scores experts
/// or how many a token chooses: that belongs to the checkpoint.
public struct RoutingRule: Sendable, Hashable, Codable {
    /// Most tokens in a routing group.
    public var groupSize: Int
    /// How many slots each expert has in a group.
    public var capacity: CapacityRule
    /// The order in which a group's assignments ask for a slot.
    public var slotPriority: SlotPriority
    /// What becomes of an assignment that finds its expert full.
    public var overflow: OverflowPolicy
    /// Whether generated tokens compete too (`false`: capacity binds prompts only).
    public var limitsGeneratedTokens: Bool
    /// Seed of the `random` slot priority.
    public var seed: UInt64

    /// Left alone, every parameter has its value in `deepspeed-inference`, the default preset.
    public init(
        groupSize: Int = RoutingRule.defaultGroupSize, capacity: CapacityRule = CapacityRule(),
        slotPriority: SlotPriority = .choiceMajor, overflow: OverflowPolicy = .renormalise,
        limitsGeneratedTokens: Bool = true, seed: UInt64 = 0
    ) {
        self.groupSize = groupSize
        self.capacity = capacity
        self.slotPriority = slotPriority
        self.overflow = overflow
        self.limitsGeneratedTokens = limitsGeneratedTokens
        self.seed = seed
    }

    /// Group size of every preset: a busy step of this server fills one group.
    ///
    /// The originals group whatever one accelerator holds (DeepSpeed, Tutel, Megatron-Core, MegaBlocks) or
    /// thousands of training tokens (Switch 8192); neither number means anything on another machine.
    public static let defaultGroupSize = 256
}
