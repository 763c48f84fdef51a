/// What one step did; metrics (and, one day, the journal) read this and nothing else.
public struct Step: Sendable {
    public let number: Int
    /// Sequences in the batch.
    public let sequenceCount: Int
    public let promptTokens: Int
    public let generatedTokens: Int
    /// Assignments asked for and dropped, summed over layers.
    public let assignments: Int
    public let droppedAssignments: Int
    /// Shared routing groups that held tokens of more than one sequence.
    public let mixedGroups: Int
    public let preemptions: Int
    /// After the step:
    public let running: Int
    public let waiting: Int
    public let freeBlocks: Int
    public let totalBlocks: Int
}
