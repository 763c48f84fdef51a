import Numerics
import Transformer

/// A tensor of the mixture, and what it is made of.
struct TensorPlan {
    enum Content {
        /// A matrix of the dense model, as it is.
        case matrix(String)
        /// A vector of the dense model.
        case vector(String)
        /// A copy of a matrix for one expert: `scale` times it, and noise if asked for.
        case expert(String, scale: Float)
        /// The router of a layer.
        case router(layer: Int)
        case zeros

        /// Whether it is a matrix of the dense model or a copy of one.
        var isMatrix: Bool {
            switch self {
            case .matrix, .expert: true
            case .vector, .router, .zeros: false
            }
        }
    }

    let name: String
    let element: WeightMatrix.Element
    let shape: [Int]
    let content: Content

    var byteCount: Int { shape.reduce(1, *) * element.size }
}

/// All tensors of a mixture, in the order of the file.
struct MixturePlan {
    private(set) var tensors: [TensorPlan] = []
    private let source: any WeightSource
    private let config: ModelConfig
    private let architecture: SparseArchitecture

    init(
        _ source: any WeightSource, config: ModelConfig, architecture: SparseArchitecture
    ) throws(CheckpointError) {
        self.source = source
        self.config = config
        self.architecture = architecture
        let table = [config.vocabularySize, config.hiddenSize]
        try matrix("model.embed_tokens.weight", table)
        for layer in 0..<config.layerCount {
            let prefix = "model.layers.\(layer)."
            try vector(prefix + "input_layernorm.weight", config.hiddenSize)
            try attention(prefix + "self_attn.")
            try vector(prefix + "post_attention_layernorm.weight", config.hiddenSize)
            try mixture(prefix, layer: layer)
        }
        try vector("model.norm.weight", config.hiddenSize)
        if !config.tiesEmbeddings { try matrix("lm_head.weight", table) }
    }

    private mutating func matrix(_ name: String, _ shape: [Int]) throws(CheckpointError) {
        tensors.append(
            TensorPlan(
                name: name, element: try source.element(of: name, shape: shape), shape: shape,
                content: .matrix(name)))
    }

    /// Vectors are written as float32, which is exact.
    private mutating func vector(_ name: String, _ count: Int) throws(CheckpointError) {
        _ = try source.element(of: name, shape: [count])
        tensors.append(TensorPlan(name: name, element: .float32, shape: [count], content: .vector(name)))
    }

    private mutating func attention(_ prefix: String) throws(CheckpointError) {
        let shape = config.attention
        let projections = [
            ("q_proj", shape.queryWidth), ("k_proj", shape.keyWidth), ("v_proj", shape.valueWidth),
        ]
        for (name, width) in projections {
            try matrix("\(prefix)\(name).weight", [width, config.hiddenSize])
        }
        try matrix(prefix + "o_proj.weight", [config.hiddenSize, shape.outputWidth])
        guard case .grouped(let projection) = config.projection else { return }
        if projection.hasBias {
            for (name, width) in projections { try vector("\(prefix)\(name).bias", width) }
        }
        if projection.norm == .perHead {
            try vector(prefix + "q_norm.weight", shape.keyDimension)
            try vector(prefix + "k_norm.weight", shape.keyDimension)
        }
    }

    private mutating func mixture(_ prefix: String, layer: Int) throws(CheckpointError) {
        let block = prefix + architecture.block
        tensors.append(
            TensorPlan(
                name: block + "gate.weight", element: .float32,
                shape: [architecture.experts, config.hiddenSize],
                content: .router(layer: layer)))
        let gate = [architecture.width, config.hiddenSize]
        let down = [config.hiddenSize, architecture.width]
        let dense = [("gate_proj", gate), ("up_proj", gate), ("down_proj", down)].map {
            (name: "\(prefix)mlp.\($0.0).weight", shape: $0.1)
        }
        let isShared = architecture.hasSharedExpert
        if isShared {
            for (own, matrix) in zip(architecture.expertNames, dense) {
                tensors.append(
                    TensorPlan(
                        name: "\(block)shared_expert.\(own).weight",
                        element: try source.element(of: matrix.name, shape: matrix.shape),
                        shape: matrix.shape,
                        content: .matrix(matrix.name)))
            }
            tensors.append(
                TensorPlan(
                    name: block + "shared_expert_gate.weight", element: .float32,
                    shape: [1, config.hiddenSize],
                    content: .zeros))
        }
        for expert in 0..<architecture.experts {
            for (own, matrix) in zip(architecture.expertNames, dense) {
                let isLast = own == architecture.expertNames[2]
                tensors.append(
                    TensorPlan(
                        name: "\(block)experts.\(expert).\(own).weight",
                        element: try source.element(of: matrix.name, shape: matrix.shape),
                        shape: matrix.shape,
                        content: .expert(matrix.name, scale: isShared && isLast ? 0.5 : 1)))
            }
        }
    }
}
