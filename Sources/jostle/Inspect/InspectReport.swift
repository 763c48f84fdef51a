import ExpertRouting
import Numerics
import Tokenizers
import Transformer

/// What `jostle inspect` prints.
struct InspectReport: Encodable {
    struct Problem: Encodable {
        let path: String
        let problem: String
    }

    struct Architecture: Encodable {
        let name: String
        let layers: Int
        let sparseLayers: Int
        let hiddenSize: Int
        let heads: Int
        let keyValueHeads: Int
        let keySize: Int
        let valueSize: Int
        let isLatent: Bool
        let contextLength: Int
        /// Layers by how far back they look; without a window under `all`.
        let windows: [String: Int]
        let ropeTheta: Double
        let ropeScaling: String
        let vocabularySize: Int
        let tiesEmbeddings: Bool
    }

    struct Routing: Encodable {
        let experts: Int
        let expertsPerToken: Int
        let expertWidth: Int
        let sharedWidth: Int?
        let score: String
        let isNormalised: Bool
        let scale: Float
        let hasChoiceBias: Bool
        let groups: Int?
        let groupsKept: Int?
    }

    struct Tokenizer: Encodable {
        let kind: String
        let vocabularySize: Int
        let specialTokens: [String]
        let hasChatTemplate: Bool
        let chatTemplateProblem: String?
    }

    struct File: Encodable {
        let name: String
        let bytes: Int
    }

    struct Stored: Encodable {
        let type: String
        let tensors: Int
        let numbers: Int
    }

    struct Weights: Encodable {
        let format: String
        /// The type that weights are packed as.
        let dtype: String
        /// The type that quantised tensors are read as; `nil` if there are none.
        let quantisedReadAs: String?
        let files: [File]
        let bytes: Int
        let parameters: Int
        let stored: [Stored]
        /// Tensors that serving does not read.
        let unread: [String]?
    }

    struct Needs: Encodable {
        let activeParameters: Int
        let weightBytes: Int
        let rotaryBytes: Int
        let cacheBytesPerToken: Int
        let cacheBytesPerContext: Int
    }

    let checkpoint: String
    let isServable: Bool
    let problems: [Problem]
    let architecture: Architecture?
    /// `nil` for a dense model, too.
    let routing: Routing?
    let tokenizer: Tokenizer?
    let weights: Weights?
    let needs: Needs?

    init(_ inspection: Inspection, weightType: WeightType) {
        checkpoint = inspection.path
        isServable = inspection.problems.isEmpty
        problems = inspection.problems.map { Problem(path: $0.path, problem: $0.problem) }
        architecture = inspection.config.map(Architecture.init)
        routing = inspection.config?.experts.map(Routing.init)
        tokenizer = inspection.tokenizer.map {
            Tokenizer(
                kind: $0.kind, vocabularySize: $0.vocabularySize, specialTokens: $0.specialTokens,
                hasChatTemplate: $0.hasChatTemplate,
                chatTemplateProblem: $0.chatTemplateProblem?.description)
        }
        weights = inspection.weights.map { Weights($0, packedAs: weightType) }
        needs = inspection.needs.map {
            Needs(
                activeParameters: $0.activeParameters, weightBytes: $0.weights, rotaryBytes: $0.rotaryTables,
                cacheBytesPerToken: $0.cachePerToken, cacheBytesPerContext: $0.cachePerContext)
        }
    }
}

extension InspectReport.Architecture {
    init(_ config: ModelConfig) {
        name = config.architecture
        layers = config.layerCount
        sparseLayers = config.sparseLayerCount
        hiddenSize = config.hiddenSize
        heads = config.attention.heads
        keyValueHeads = config.attention.keyValueHeads
        keySize = config.attention.keyDimension
        valueSize = config.attention.valueDimension
        if case .latent = config.projection { isLatent = true } else { isLatent = false }
        contextLength = config.maximumPositions
        windows = Dictionary(
            config.layers.map { ($0.slidingWindow.map(String.init) ?? "all", 1) }, uniquingKeysWith: +)
        ropeTheta = config.rotary.theta
        ropeScaling =
            switch config.rotary.scaling {
            case .none: "none"
            case .linear(let factor): "linear, factor \(factor)"
            case .llama3(let scaling): "llama3, factor \(scaling.factor)"
            case .yarn(let scaling): "yarn, factor \(scaling.factor)"
            }
        vocabularySize = config.vocabularySize
        tiesEmbeddings = config.tiesEmbeddings
    }
}

extension InspectReport.Routing {
    init(_ experts: ModelConfig.Experts) {
        self.experts = experts.count
        expertsPerToken = experts.perToken
        expertWidth = experts.width
        sharedWidth = experts.shared?.width
        score = experts.gating.score.rawValue
        isNormalised = experts.gating.isNormalised
        scale = experts.gating.scale
        hasChoiceBias = experts.gating.hasChoiceBias
        groups = experts.gating.groupLimit?.groups
        groupsKept = experts.gating.groupLimit?.kept
    }
}

extension InspectReport.Weights {
    init(_ weights: Inspection.Weights, packedAs type: WeightType) {
        format = weights.format
        dtype = type.rawValue
        quantisedReadAs = weights.widened.map { "\($0)" }
        files = weights.files.map { InspectReport.File(name: $0.name, bytes: $0.byteCount) }
        bytes = weights.byteCount
        parameters = weights.parameterCount
        stored = weights.types.sorted { $0.key < $1.key }.map {
            InspectReport.Stored(type: $0.key, tensors: $0.value.tensors, numbers: $0.value.numbers)
        }
        unread = weights.unread
    }
}
