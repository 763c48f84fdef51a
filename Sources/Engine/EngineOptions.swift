public import ExpertRouting
public import Transformer

/// The minimum duration of a step, so that overlap between requests does not depend on the machine's speed.
public struct Pace: Sendable, Hashable {
    public var perStep: Duration
    public var perToken: Duration

    public init(perStep: Duration = .zero, perToken: Duration = .zero) {
        self.perStep = perStep
        self.perToken = perToken
    }
}

/// The sizes that every engine of a server has.
public struct EngineSizes: Sendable, Hashable {
    /// Maximum tokens per step.
    public var stepTokens = 512
    /// Maximum sequences per step.
    public var maximumRunning = 64
    /// Maximum waiting sequences; further requests are refused.
    public var maximumQueued = 1024
    /// KV blocks of 16 positions; `nil`: full contexts for `maximumRunning` sequences, within 1 GiB.
    public var cacheBlocks: Int?
    /// Whether a prompt may reuse cached keys and values of an earlier prompt, where they are bitwise the same.
    public var cachesPrefixes = true
    public var pace = Pace()

    public init() {}

    /// KV blocks of a model that fit: `cacheBlocks`, or those of 1 GiB.
    func blocksThatFit(_ config: ModelConfig) -> Int {
        cacheBlocks ?? max(1, (1 << 30) / ModelRunner.bytesPerBlock(of: config))
    }

    /// The longest context of a model whose keys and values fit.
    public func contextThatFits(_ config: ModelConfig) -> Int {
        let longest = config.maximumPositions
        return min(longest, min(blocksThatFit(config), longest) * ModelRunner.blockSize)
    }
}

/// How an engine is set up.
public struct EngineOptions: Sendable, Hashable {
    /// Maximum prompt plus completion tokens of a sequence.
    public var contextLength: Int
    public var sizes: EngineSizes

    public init(contextLength: Int, sizes: EngineSizes = EngineSizes()) {
        self.contextLength = contextLength
        self.sizes = sizes
    }

    /// - Throws: `UnsuitableRule` if a step is too small for a routing group of `rule` beside the other sequences.
    public func check(_ rule: RoutingRule) throws(UnsuitableRule) {
        let needed = min(rule.groupSize, contextLength) + sizes.maximumRunning
        guard sizes.stepTokens >= needed else {
            throw UnsuitableRule(
                groupSize: rule.groupSize, stepTokens: sizes.stepTokens, neededStepTokens: needed)
        }
    }

    /// KV blocks to allocate for a model: `cacheBlocks`, but at least one full context.
    func blockCount(for config: ModelConfig) -> Int {
        let perSequence = (contextLength + ModelRunner.blockSize - 1) / ModelRunner.blockSize
        let wanted = sizes.cacheBlocks ?? sizes.maximumRunning * perSequence
        return max(perSequence, min(wanted, sizes.blocksThatFit(config)))
    }
}

/// A routing rule whose groups do not fit into a step.
///
/// A step must hold one whole group of a prompt and one token of every other sequence.
public struct UnsuitableRule: Error, Hashable, CustomStringConvertible {
    public let groupSize: Int
    public let stepTokens: Int
    public let neededStepTokens: Int

    /// What is wrong and what to do.
    public var description: String {
        "a step of \(stepTokens) tokens cannot hold a routing group of \(groupSize) beside the other sequences; "
            + "lower the group size or raise the step's tokens to \(neededStepTokens)"
    }

    public init(groupSize: Int, stepTokens: Int, neededStepTokens: Int) {
        self.groupSize = groupSize
        self.stepTokens = stepTokens
        self.neededStepTokens = neededStepTokens
    }
}
