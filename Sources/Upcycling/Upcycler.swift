import ExpertRouting
import JSON
public import Numerics
public import Threads
import Tokenizers
public import Transformer

/// Turns a dense model into a mixture of experts by sparse upcycling (arXiv 2212.05055).
///
/// Every feed-forward network becomes `experts` copies and a router. The router's rows come from k-means of what the
/// network reads. With exact copies and nothing dropped, the mixture computes what the dense model does.
///
/// The files depend on the source, the text and the options alone: not on threads or instruction set.
public struct Upcycler: Sendable {
    public struct Options: Sendable, Hashable {
        /// E: experts per layer.
        public var experts = 8
        /// K: experts per token.
        public var choices = 2
        /// Whether half of each layer's output comes from a shared expert.
        public var shared = false
        /// The deviation of the noise on an expert's weights, as a share of their own deviation.
        public var noise = 0.0
        public var seed: UInt64 = 1

        public init() {}
    }

    /// What the work is at.
    public enum Stage: String, Sendable {
        case loading, reading, clustering, writing
    }

    /// Called with a stage and the share of it that is done; it may end the work by throwing.
    public typealias Report = @Sendable (Stage, Double) throws(UpcyclingError) -> Void

    /// Which experts the tokens of the text chose.
    public struct Summary: Sendable {
        /// As in `architectures`.
        public let architecture: String
        public let tokenCount: Int
        /// By layer, then by expert: how many of the choices it got.
        public let loads: [[Int]]
        /// Whether a shared expert was added without being asked for.
        public let addsSharedExpert: Bool
    }

    /// Tokens of the text that are read at most.
    public static let maximumTokens = 2048

    private let checkpoint: Checkpoint
    private let options: Options
    private let kernels: Kernels
    private let workers: WorkerPool
    private let report: Report

    public init(
        _ checkpoint: Checkpoint, options: Options, kernels: Kernels = Kernels(), workers: WorkerPool,
        report: @escaping Report = { _, _ throws(UpcyclingError) in }
    ) {
        self.checkpoint = checkpoint
        self.options = options
        self.kernels = kernels
        self.workers = workers
        self.report = report
    }

    /// Writes the mixture into the new folder `destination`; `name` is what its card calls the source.
    ///
    /// `text`: what the dense model reads to make the routers; `nil` for the bundled text.
    ///
    /// - Throws: `UpcyclingError`; then nothing is left at `destination`.
    public func run(
        into destination: String, source name: String, text: (name: String, content: String)? = nil
    ) throws(UpcyclingError) -> Summary {
        let text = text ?? (SampleText.name, SampleText.content)
        let (config, weights, plan, architecture) = try prepare()
        let tensors = plan.tensors
        let byteCount = SafetensorsWriter.byteCount(of: tensors) + (16 << 20)
        let folder = try OutputFolder(for: destination, byteCount: byteCount)
        // In float32 the model would leave no room for the inputs of all layers.
        let isWide = tensors.contains { $0.element == .float32 && $0.content.isMatrix }
        let routers = try routers(config, packedAs: isWide ? .bfloat16 : .auto, reading: text)
        let writer = MixtureWriter(
            source: weights, routers: routers.map(\.rows), noise: options.noise, seed: options.seed)
        try writer.write(tensors, to: folder.path + "/model.safetensors") { share throws(UpcyclingError) in
            try report(.writing, share)
        }
        let tokenCount = (routers.first?.load.reduce(0, +) ?? 0) / options.choices
        let card = ModelCard(
            source: name, licence: checkpoint.licence, architecture: architecture, textName: text.name,
            tokenCount: tokenCount, seed: options.seed, noise: options.noise)
        let dtype = tensors.first?.element.torchName ?? "float32"
        try write(card, dtype: dtype, config, into: folder)
        try folder.complete()
        return Summary(
            architecture: architecture.name, tokenCount: tokenCount, loads: routers.map(\.load),
            addsSharedExpert: architecture.hasSharedExpert && !options.shared)
    }

    private func prepare() throws(UpcyclingError) -> (
        ModelConfig, any WeightSource, MixturePlan, SparseArchitecture
    ) {
        guard options.experts >= 2, (1...options.experts).contains(options.choices) else {
            throw UpcyclingError(
                .request,
                "a token cannot choose \(options.choices) of \(options.experts) experts; there must be two at least"
            )
        }
        guard options.noise >= 0, options.noise <= 1 else {
            throw UpcyclingError(.request, "the noise is \(options.noise); it must lie in 0 ... 1")
        }
        let config: ModelConfig
        let weights: any WeightSource
        do throws(CheckpointError) {
            config = try checkpoint.config()
            weights = try checkpoint.weights(wideningTo: .bfloat16)
        } catch {
            throw UpcyclingError(error)
        }
        let architecture = try SparseArchitecture(
            of: config, at: checkpoint.path, experts: options.experts, choices: options.choices,
            shared: options.shared)
        do throws(CheckpointError) {
            let plan = try MixturePlan(weights, config: config, architecture: architecture)
            return (config, weights, plan, architecture)
        } catch {
            throw UpcyclingError(error)
        }
    }

    /// The router of each layer; the dense model is in memory only here.
    private func routers(
        _ config: ModelConfig, packedAs weightType: WeightType, reading text: (name: String, content: String)
    ) throws(UpcyclingError) -> [ClusteredRouter] {
        try report(.loading, 0)
        let model: Model
        do throws(CheckpointError) {
            model = try Model(checkpoint, weightType: weightType, kernels: kernels, workers: workers)
        } catch {
            throw UpcyclingError(error)
        }
        let inputs = try FeedForwardInputs(
            of: model, reading: try tokens(of: text, model.tokenizer), workers: workers
        ) { share throws(UpcyclingError) in try report(.reading, share) }
        var routers: [ClusteredRouter] = []
        for (layer, own) in inputs.layers.enumerated() {
            routers.append(
                ClusteredRouter(
                    inputs: own, width: inputs.width, experts: options.experts, choices: options.choices,
                    seed: SplitMix64.bits(seed: options.seed, count: layer), kernels: kernels,
                    workers: workers))
            try report(.clustering, Double(layer + 1) / Double(config.layerCount))
        }
        return routers
    }

    private func tokens(
        of text: (name: String, content: String), _ tokenizer: Tokenizer
    ) throws(UpcyclingError) -> [TokenID] {
        let tokens: [TokenID]
        do throws(TokenizationError) {
            tokens = try tokenizer.encode(
                text.content, parsingSpecialTokens: false, addingSpecialTokens: true)
        } catch {
            throw UpcyclingError(.request, "\(text.name) cannot be tokenized, because \(error)")
        }
        // Fewer cannot fill the clusters.
        let needed = 16 * options.experts
        guard tokens.count >= needed else {
            throw UpcyclingError(
                .request,
                "\(text.name) has only \(tokens.count) tokens; \(options.experts) experts need \(needed) at least, "
                    + "better \(Self.maximumTokens)")
        }
        return Array(tokens.prefix(Self.maximumTokens))
    }

    /// The names and texts of the documents.
    private func documents(
        of architecture: SparseArchitecture, _ config: ModelConfig, dtype: String
    ) throws(CheckpointError) -> [(DocumentName, String)] {
        let dense = try checkpoint.members(of: .config)
        let sparse = architecture.configuration(from: dense, dtype: dtype)
        var generation = try checkpoint.members(of: .generationConfig)
        if generation["eos_token_id"] == nil {
            let ends = JSONValue.array(config.endTokens.map { .integer(Int($0)) })
            generation.append(JSONValue.Member("eos_token_id", ends))
        }
        var tokenizer = try checkpoint.members(of: .tokenizerConfig)
        if let template = try checkpoint.text(of: .chatTemplate) {
            tokenizer.removeAll { $0.name == "chat_template" }
            tokenizer.append(JSONValue.Member("chat_template", .string(template)))
        }
        return [
            (.config, JSONValue.object(sparse).text), (.generationConfig, JSONValue.object(generation).text),
            (.tokenizerConfig, JSONValue.object(tokenizer).text),
            (.tokenizer, try checkpoint.text(of: .tokenizer) ?? ""),
        ]
    }

    private func write(
        _ card: ModelCard, dtype: String, _ config: ModelConfig, into folder: OutputFolder
    ) throws(UpcyclingError) {
        let documents: [(DocumentName, String)]
        do throws(CheckpointError) {
            documents = try self.documents(of: card.architecture, config, dtype: dtype)
        } catch {
            throw UpcyclingError(error)
        }
        for (name, text) in documents { try folder.write(text, to: name.rawValue) }
        try folder.write(card.text, to: "README.md")
    }
}

extension WeightMatrix.Element {
    /// PyTorch's name of the type.
    fileprivate var torchName: String {
        switch self {
        case .float32: "float32"
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        }
    }
}
