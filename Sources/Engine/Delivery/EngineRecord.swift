/// How full an engine is.
public struct EngineOccupancy: Sendable, Hashable {
    /// Sequences in the batch.
    public var running = 0
    /// Sequences waiting to join it.
    public var waiting = 0
    /// KV blocks that no sequence holds, and KV blocks in all.
    public var freeBlocks: Int
    public var totalBlocks: Int

    /// Of an engine with nothing to do.
    init(totalBlocks: Int) {
        freeBlocks = totalBlocks
        self.totalBlocks = totalBlocks
    }
}

/// All that an engine did between two looks into its mailbox: one entry of the one ordered record that streams, metrics
/// and journals read.
public struct EngineRecord: Sendable {
    /// What was applied before the step, in order.
    public let commands: [EngineCommand]
    /// The endings that the commands brought about.
    public let endings: [Step.Emission]
    /// `nil` where there was no token to compute.
    public let step: Step?
    /// The time the step took, without the pace.
    public let elapsed: Duration
    /// After the step.
    public let occupancy: EngineOccupancy
}
