public import ExpertRouting

/// What a step records besides its counts.
///
/// What is not selected costs nothing.
public struct StepDetail: OptionSet, Sendable, Hashable {
    public let rawValue: Int

    public init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// `Step.shares`.
    public static let shares = StepDetail(rawValue: 1)
    /// `Step.fates`.
    public static let fates = StepDetail(rawValue: 2)
    /// `Step.logitHashes`.
    public static let logitHashes = StepDetail(rawValue: 4)
}

/// What one step did: one forward pass over the running batch.
public struct Step: Sendable {
    /// One sequence's event.
    public struct Emission: Sendable, Hashable {
        public let id: SequenceID
        public let event: GenerationEvent
    }

    /// Consecutive tokens of one sequence that the step computed.
    public struct Share: Sendable, Hashable {
        public let id: SequenceID
        public let positions: Range<Int>
        /// Counts from 0: a pass begins when the sequence joins the batch, and after each preemption.
        public let pass: Int
        /// Index into `Step.rules`.
        public let rule: Int
    }

    /// A token of a step, by its place in its sequence.
    public struct TokenPlace: Sendable, Hashable {
        public let id: SequenceID
        public let position: Int
    }

    /// An assignment that its chosen expert did not compute.
    public struct AssignmentFate: Sendable, Hashable {
        /// Index of the decoder layer, from 0.
        public let layer: Int
        public let token: TokenPlace
        /// Which of the token's choices, 0 being its best.
        public let choice: Int
        /// The expert that was full.
        public let chosenExpert: Int
        public let outcome: Fate.Outcome
        /// Whether the group is shared: tokens of several sequences may be in it.
        public let isShared: Bool
        /// The tokens that hold the expert's slots, by slot.
        public let holders: [TokenPlace]
    }

    /// A hash of the bits of the logits that a sequence's next token was chosen from.
    public struct LogitsHash: Sendable, Hashable {
        public let id: SequenceID
        /// The position of the token that was chosen.
        public let position: Int
        public let hash: UInt64
    }

    /// Counts the steps that computed a token, from 0, over the engine's life.
    public let number: Int

    // Counts, always recorded.

    /// Sequences in the batch.
    public internal(set) var sequenceCount = 0
    public internal(set) var promptTokens = 0
    public internal(set) var generatedTokens = 0
    /// (token, choice) pairs that asked for a slot, over all sparse layers.
    public internal(set) var assignments = 0
    /// Those of them that found their expert full and were dropped.
    public internal(set) var droppedAssignments = 0
    /// Experts that computed any token, over all sparse layers.
    public internal(set) var expertPasses = 0
    /// Shared routing groups that held tokens of more than one sequence.
    public internal(set) var mixedGroups = 0
    /// Sequences preempted since the previous step.
    public internal(set) var preemptions = 0
    /// Prompt tokens of sequences that joined, and how many of them were in the prefix cache.
    public internal(set) var prefixQueries = 0
    public internal(set) var prefixHits = 0
    /// The routing rules of its sequences, each once.
    ///
    /// After a rule change, a step may have several.
    public internal(set) var rules: [RoutingRule] = []
    /// Tokens and endings, in batch order.
    public internal(set) var emissions: [Emission] = []

    // Recorded if the engine's `details` select it; otherwise empty.

    /// In batch order.
    public internal(set) var shares: [Share] = []
    /// By layer.
    public internal(set) var fates: [AssignmentFate] = []
    /// In batch order.
    public internal(set) var logitHashes: [LogitsHash] = []

    init(number: Int) {
        self.number = number
    }
}
