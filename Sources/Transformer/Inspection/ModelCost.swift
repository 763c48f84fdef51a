import Numerics

/// What a step costs at least: the bytes it must read and the operations it must do.
public struct ModelCost: Sendable {
    /// What a step has to do.
    public struct Work: Sendable {
        /// Tokens computed, and those of them whose logits are wanted.
        public var tokens: Int
        public var logits: Int
        /// Assignments kept, over all layers.
        public var assignments: Int
        /// Experts that hold any of them, over all layers.
        public var expertPasses: Int
        /// Positions attended to, summed over the tokens.
        public var attended: Int

        public init(tokens: Int, logits: Int, assignments: Int, expertPasses: Int, attended: Int) {
            self.tokens = tokens
            self.logits = logits
            self.assignments = assignments
            self.expertPasses = expertPasses
            self.attended = attended
        }
    }

    /// Weights that every token meets, but for the head; those of the head; those of one expert of one layer.
    private let shared: (parameters: Int, bytes: Int)
    private let head: (parameters: Int, bytes: Int)
    private let expert: (parameters: Int, bytes: Int)
    /// Numbers of a position's keys and values, over all layers; operations of a query on one position.
    private let cachedPerPosition: Int
    private let operationsPerPosition: Int

    init(layers: [DecoderLayer], head: Linear, config: ModelConfig) {
        var shared = (parameters: 0, bytes: 0)
        var expert = (parameters: 0, bytes: 0)
        for layer in layers {
            shared.parameters += layer.attention.linears.reduce(0) { $0 + $1.outputs * $1.inputs }
            shared.bytes += layer.attention.linears.reduce(0) { $0 + $1.weightBytes }
            switch layer.feedForward {
            case .dense(let dense):
                shared.parameters += dense.network.parameterCount
                shared.bytes += dense.network.weightBytes
            case .experts(let experts):
                for linear in [experts.router.linear] + (experts.shared?.gate.map { [$0] } ?? []) {
                    shared.parameters += linear.outputs * linear.inputs
                    shared.bytes += linear.weightBytes
                }
                shared.parameters += experts.shared?.network.parameterCount ?? 0
                shared.bytes += experts.shared?.network.weightBytes ?? 0
                let backend = experts.experts
                expert = (backend.parametersPerExpert, backend.weightBytesPerExpert)
            }
        }
        self.shared = shared
        self.expert = expert
        self.head = (head.outputs * head.inputs, head.weightBytes)
        cachedPerPosition = config.cachedPerPosition
        operationsPerPosition =
            2 * config.layerCount * (config.attention.queryWidth + config.attention.outputWidth)
    }

    /// Parameters that a token is multiplied with, of `choices` experts in each of `layers`.
    func activeParameters(choices: Int, layers: Int) -> Int {
        shared.parameters + head.parameters + choices * layers * expert.parameters
    }

    /// Bytes of weights that must be read, each once.
    public func weightBytes(_ work: Work) -> Int {
        shared.bytes + (work.logits > 0 ? head.bytes : 0) + work.expertPasses * expert.bytes
    }

    /// Bytes that must be read: weights, and the keys and values attended to.
    public func bytes(_ work: Work) -> Int {
        weightBytes(work) + work.attended * cachedPerPosition * MemoryLayout<Float>.size
    }

    /// Floating-point operations, two to a multiply-add.
    public func operations(_ work: Work) -> Int {
        2 * (work.tokens * shared.parameters + work.logits * head.parameters)
            + 2 * work.assignments * expert.parameters + work.attended * operationsPerPosition
    }
}

extension Model {
    public var cost: ModelCost { ModelCost(layers: layers, head: head, config: config) }

    /// Parameters that one token is multiplied with.
    public var activeParameterCount: Int {
        cost.activeParameters(choices: config.experts?.perToken ?? 0, layers: config.sparseLayerCount)
    }
}
