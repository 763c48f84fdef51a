public import ExpertRouting
import Numerics
public import Threads

/// Runs the forward pass of a model, and owns its KV cache and scratch memory.
///
/// Has one owner at a time. Any number of runners may share a `Model`.
public struct ModelRunner: ~Copyable {
    /// Positions in a KV block.
    public static let blockSize = KVCache.blockSize

    public let model: Model
    private let cache: KVCache
    private let workspace: Workspace
    private let workers: WorkerPool
    private let clock: PhaseClock?
    /// Each sparse layer's plan of the last step.
    private var plans: [RoutingPlan]
    /// Indices of the sparse decoder layers: a step has one plan for each.
    public let sparseLayers: [Int]
    /// Experts that computed any token in the last step, over all layers.
    public private(set) var expertPasses = 0

    /// Allocates for steps of at most `stepTokens` tokens in `sequences` chunks, and `blocks` KV blocks.
    ///
    /// `workers` run the loops of a step in parallel; their number changes no bit. `clock` measures the phases of a step.
    public init(
        model: Model, stepTokens: Int, sequences: Int, contextLength: Int, blocks: Int,
        workers: WorkerPool = WorkerPool(threadCount: 1), clock: PhaseClock? = nil
    ) {
        self.model = model
        self.workers = workers
        self.clock = clock
        cache = KVCache(
            layers: model.config.layerCount, blocks: blocks, shape: model.config.attention)
        workspace = Workspace(
            model: model, tokens: stepTokens, sequences: sequences, context: contextLength,
            threads: workers.threadCount)
        sparseLayers = model.config.layers.indices.filter {
            model.config.layers[$0].feedForward.experts != nil
        }
        plans = Array(repeating: RoutingPlan(), count: sparseLayers.count)
    }

    /// Bytes of KV cache that one block takes, over all layers.
    public static func bytesPerBlock(of config: ModelConfig) -> Int {
        config.cachedPerPosition * blockSize * MemoryLayout<Float>.size
    }

    /// Whether the plans of a step have the fates of its assignments.
    public var recordsFates: Bool {
        get { workspace.planner.recordsFates }
        set { workspace.planner.recordsFates = newValue }
    }

    /// Computes one step; returns each sparse layer's plan (none for a dense model).
    ///
    /// Read the logits of the chunks that want them with `logits(_:)`, in batch order. `observe` gets what the
    /// feed-forward network of each dense layer reads, [rows, hidden]; valid during the call.
    public mutating func forward(
        _ batch: StepBatch, observe: ((_ layer: Int, _ inputs: UnsafeBufferPointer<Float>) -> Void)? = nil
    ) -> [RoutingPlan] {
        let pass = ForwardPass(
            batch: batch, model: model, cache: cache, workspace: workspace, workers: workers,
            clock: clock)
        // embed
        clock?.enter(.embedding)
        var row = 0
        for chunk in batch.chunks {
            for token in chunk.tokens {
                model.embedding.look(up: token, into: workspace.hidden.row(row))
                row += 1
            }
        }
        // routing groups: the same in every layer
        let groups =
            plans.isEmpty ? [] : RoutingGroup.groups(of: batch.tokens, under: batch.rules)
        expertPasses = 0
        var sparse = 0
        for (index, layer) in model.layers.enumerated() {
            // attention
            layer.attention.apply(layer: index, in: pass)
            // feed-forward: dense, or routed to experts
            switch layer.feedForward {
            case .dense(let dense):
                dense.apply(in: pass)
                observe?(
                    index,
                    UnsafeBufferPointer(
                        start: workspace.normed.base, count: pass.rows * model.config.hiddenSize))
            case .experts(let experts):
                experts.apply(layer: index, groups: groups, in: pass, plan: &plans[sparse])
                sparse += 1
                expertPasses += workspace.dispatch.active.count
            }
        }
        // head
        clock?.enter(.head)
        computeLogits(batch)
        return plans
    }

    /// The logits after the `row`-th chunk that wanted them: [vocabulary], valid until the next step.
    public func logits(_ row: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: workspace.logits.row(row), count: model.config.vocabularySize)
    }

    /// A hash of the bits of `logits(row)`.
    public func logitsHash(_ row: Int) -> UInt64 {
        ContentHash.hash(UnsafeRawBufferPointer(logits(row)))
    }

    /// The hidden state behind the final norm, of any row of the last step: [hidden]; valid until the next call.
    public func lastHidden(_ row: Int) -> UnsafeBufferPointer<Float> {
        let width = model.config.hiddenSize
        model.kernels.rmsNorm(
            workspace.hidden.row(row), weight: model.finalNorm, into: workspace.normed.base, rows: 1,
            width: width, epsilon: model.config.rmsNormEpsilon)
        return UnsafeBufferPointer(start: workspace.normed.base, count: width)
    }

    /// The logits after any row of the last step: [vocabulary]; takes the place of the chunks' logits.
    public func logits(afterRow row: Int) -> UnsafeBufferPointer<Float> {
        _ = lastHidden(row)
        model.head.apply(workspace.normed.base, rows: 1, into: workspace.logits.base, workers: workers)
        return logits(0)
    }

    /// Final norm and head, for the last token of each chunk that wants logits.
    private func computeLogits(_ batch: StepBatch) {
        var last = -1
        var wanted = 0
        for chunk in batch.chunks {
            last += chunk.tokens.count
            guard chunk.wantsLogits else { continue }
            model.kernels.rmsNorm(
                workspace.hidden.row(last), weight: model.finalNorm, into: workspace.normed.row(wanted),
                rows: 1, width: model.config.hiddenSize, epsilon: model.config.rmsNormEpsilon)
            wanted += 1
        }
        model.head.apply(
            workspace.normed.base, rows: wanted, into: workspace.logits.base, workers: workers)
    }
}
