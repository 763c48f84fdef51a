public import ExpertRouting
import Transformer

/// The least time a step takes, so that overlap does not depend on the machine's speed.
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
    /// Tokens per step, at most.
    public var stepTokens = 512
    /// Sequences per step, at most.
    public var maximumRunning = 64
    /// Sequences waiting, at most: beyond it a request is refused.
    public var maximumQueued = 1024
    /// KV blocks of 16 positions; `nil`: full contexts for `maximumRunning` sequences, within 1 GiB.
    public var cacheBlocks: Int?
    /// Whether a prompt may begin with keys and values that another one left, where they are bitwise its own.
    public var cachesPrefixes = true
    public var pace = Pace()

    public init() {}
}

/// How an engine is set up.
public struct EngineOptions: Sendable, Hashable {
    /// Prompt and completion tokens one sequence may have together.
    public var contextLength: Int
    public var sizes: EngineSizes

    public init(contextLength: Int, sizes: EngineSizes = EngineSizes()) {
        self.contextLength = contextLength
        self.sizes = sizes
    }

    /// - Throws: `UnsuitableRule` where a step could not always go on with a prompt under `rule`.
    public func check(_ rule: RoutingRule) throws(UnsuitableRule) {
        let needed = min(rule.groupSize, contextLength) + sizes.maximumRunning
        guard sizes.stepTokens >= needed else {
            throw UnsuitableRule(
                groupSize: rule.groupSize, stepTokens: sizes.stepTokens, neededStepTokens: needed)
        }
    }

    /// KV blocks to allocate for a model: as told, but never fewer than one full context.
    func blockCount(for config: ModelConfig) -> Int {
        let perSequence = (contextLength + ModelRunner.blockSize - 1) / ModelRunner.blockSize
        let affordable = (1 << 30) / ModelRunner.bytesPerBlock(of: config)
        return max(perSequence, sizes.cacheBlocks ?? min(sizes.maximumRunning * perSequence, affordable))
    }
}

/// A routing rule whose groups do not fit into a step: a prompt is computed in whole groups, beside one token
/// of every other sequence.
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
