/// The settings of capacity-limited routing.
///
/// A rule says which tokens compete (`groupSize`), for how many slots (`capacity`), in which order (`slotPriority`),
/// and what happens to those that find none (`overflow`). How experts are scored and how many a token chooses is the
/// checkpoint's business.
public struct RoutingRule: Sendable, Hashable, Codable {
    /// Maximum number of tokens in a routing group.
    public var groupSize: Int
    /// How many slots each expert has in a group.
    public var capacity: CapacityRule
    /// The order in which a group's assignments ask for slots.
    public var slotPriority: SlotPriority
    /// What happens to an assignment whose expert is full.
    public var overflow: OverflowPolicy
    /// Whether generated tokens compete too.
    ///
    /// If `false`, capacity limits prompts only.
    public var limitsGeneratedTokens: Bool
    /// Seed of the `random` slot priority.
    public var seed: UInt64

    /// The defaults are those of the preset `deepspeed-inference`.
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
    /// The originals group whatever one accelerator holds (DeepSpeed, Tutel, Megatron-Core, MegaBlocks) or thousands of
    /// training tokens (Switch: 8192). Neither number carries over to another machine.
    public static let defaultGroupSize = 256
}
