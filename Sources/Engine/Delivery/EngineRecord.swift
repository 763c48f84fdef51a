/// How full an engine is.
public struct EngineOccupancy: Sendable, Hashable {
    /// Sequences in the batch.
    public var running = 0
    /// Sequences waiting to join it.
    public var waiting = 0
    /// KV blocks that no sequence holds, and KV blocks in all.
    public var freeBlocks: Int
    public var totalBlocks: Int

    /// An idle engine.
    init(totalBlocks: Int) {
        freeBlocks = totalBlocks
        self.totalBlocks = totalBlocks
    }
}

/// What an engine did in one round of its loop: the commands it applied and the step it ran.
///
/// Streams, metrics and journals all read the same ordered sequence of records.
public struct EngineRecord: Sendable {
    /// Commands applied before the step, in order.
    public let commands: [EngineCommand]
    /// Endings caused by the commands.
    public let endings: [Step.Emission]
    /// `nil` if there was no token to compute.
    public let step: Step?
    /// Duration of the step, without the pace.
    public let elapsed: Duration
    /// After the step.
    public let occupancy: EngineOccupancy
}
