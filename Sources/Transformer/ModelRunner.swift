public import ExpertRouting
import Numerics

/// A model at work: the forward pass with the state it needs, the KV cache and the scratch memory.
///
/// One owner at a time; any number of runners may share a `Model`.
public struct ModelRunner: ~Copyable {
    /// Positions in a KV block.
    public static let blockSize = KVCache.blockSize

    public let model: Model
    private let cache: KVCache
    private let workspace: Workspace

    /// Allocates for steps of at most `stepTokens` tokens in `sequences` chunks, and `blocks` KV blocks.
    public init(model: Model, stepTokens: Int, sequences: Int, contextLength: Int, blocks: Int) {
        self.model = model
        cache = KVCache(
            layers: model.config.layerCount, blocks: blocks, keyValueHeads: model.config.keyValueHeadCount,
            headDimension: model.config.headDimension)
        workspace = Workspace(
            config: model.config, tokens: stepTokens, sequences: sequences, context: contextLength)
    }

    /// Bytes of KV cache that one block takes, over all layers.
    public static func bytesPerBlock(of config: ModelConfig) -> Int {
        2 * config.layerCount * config.keyValueHeadCount * config.headDimension * blockSize
            * MemoryLayout<Float>.size
    }

    /// Computes one step; returns each sparse layer's plan (none for a dense model).
    ///
    /// The logits of the chunks that want them are then read with `logits(_:)`, in batch order.
    public mutating func forward(_ batch: StepBatch) -> [RoutingPlan] {
        // embed
        workspace.rows = 0
        for chunk in batch.chunks {
            for token in chunk.tokens {
                model.embedding.look(up: token, into: workspace.hidden.row(workspace.rows))
                workspace.rows += 1
            }
        }
        // who shares expert capacity: the same in every layer
        let groups =
            model.config.experts == nil ? [] : RoutingGroup.groups(of: batch.stepTokens, under: batch.rule)
        var plans: [RoutingPlan] = []
        for (index, layer) in model.layers.enumerated() {
            // attention
            layer.attention.apply(
                layer: index, batch: batch, model: model, cache: cache, workspace: workspace)
            // feed-forward: dense, or routed to experts
            switch layer.feedForward {
            case .dense(let dense): dense.apply(model: model, workspace: workspace)
            case .experts(let experts):
                plans.append(
                    experts.apply(
                        layer: index, groups: groups, batch: batch, model: model, workspace: workspace))
            }
        }
        computeLogits(batch)
        return plans
    }

    /// The logits after the `row`-th chunk that wanted them: [vocabulary], valid until the next step.
    public func logits(_ row: Int) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: workspace.logits.row(row), count: model.config.vocabularySize)
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
        model.head.apply(workspace.normed.base, rows: wanted, into: workspace.logits.base)
    }
}
