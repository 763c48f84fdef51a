/// What one step did.
///
/// Metrics read this and nothing else.
public struct Step: Sendable {
    /// One sequence's news.
    public struct Emission: Sendable, Hashable {
        public let id: SequenceID
        public let event: GenerationEvent
    }

    /// Counts from 0 over the engine's life.
    public let number: Int
    /// Sequences in the batch.
    public internal(set) var sequenceCount = 0
    public internal(set) var promptTokens = 0
    public internal(set) var generatedTokens = 0
    /// (token, choice) pairs that asked for a slot, over all sparse layers.
    public internal(set) var assignments = 0
    /// Those that found their expert full.
    public internal(set) var droppedAssignments = 0
    /// Experts that computed any token, over all sparse layers.
    public internal(set) var expertPasses = 0
    /// Shared routing groups that held tokens of more than one sequence.
    public internal(set) var mixedGroups = 0
    public internal(set) var preemptions = 0
    /// Prompt tokens of sequences that joined, and those of them whose keys and values were in the cache.
    public internal(set) var prefixQueries = 0
    public internal(set) var prefixHits = 0
    /// Tokens and endings, in batch order.
    public internal(set) var emissions: [Emission] = []

    // The engine after the step.
    public internal(set) var running = 0
    public internal(set) var waiting = 0
    public internal(set) var freeBlocks = 0
    public internal(set) var totalBlocks = 0
}
