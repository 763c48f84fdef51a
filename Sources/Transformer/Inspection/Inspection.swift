public import Numerics
import Tokenizers

/// What a checkpoint contains, and whether it can be served.
///
/// No weight is read.
///
/// The needed tensors are found by building a decoder from the headers.
public struct Inspection: Sendable {
    /// What the weight files contain.
    public struct Weights: Sendable {
        /// What the files are, such as `GGUF version 3`.
        public let format: String
        /// The type that quantised tensors are read as; `nil` if there are none.
        public let widened: WeightMatrix.Element?
        /// Name and bytes of each file, in order.
        public let files: [(name: String, byteCount: Int)]
        /// Tensors and numbers in them, by the type written in the file.
        public let types: [String: (tensors: Int, numbers: Int)]
        /// Tensors that serving does not read, sorted by name; `nil` if unknown.
        public let unread: [String]?

        public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
        public var parameterCount: Int { types.values.reduce(0) { $0 + $1.numbers } }
    }

    /// What serving costs.
    public struct Needs: Sendable {
        /// Parameters that one token is multiplied with.
        public let activeParameters: Int
        /// Bytes of the packed weights, norms and biases included.
        public let weights: Int
        /// Bytes of the rotary tables.
        public let rotaryTables: Int
        /// Bytes of keys and values, per token and per full context.
        public let cachePerToken: Int
        public let cachePerContext: Int
    }

    /// The path of the checkpoint.
    public let path: String
    /// Each is `nil` if a problem prevented reading it.
    public let config: ModelConfig?
    public let tokenizer: TokenizerSummary?
    public let weights: Weights?
    public let needs: Needs?
    /// Why it cannot be served; empty if it can.
    public let problems: [CheckpointError]

    /// Inspects a checkpoint as if to serve it with these numerics and weights.
    public init(
        checkpoint path: String, numerics: NumericsMode = .invariant, weightType: WeightType = .auto,
        kernels: Kernels = Kernels()
    ) {
        self.path = path
        var problems: [CheckpointError] = []
        func attempt<Value>(_ body: () throws(CheckpointError) -> Value) -> Value? {
            do throws(CheckpointError) {
                return try body()
            } catch {
                problems.append(error)
                return nil
            }
        }
        guard let checkpoint = attempt({ () throws(CheckpointError) in try Checkpoint(at: path) }) else {
            (config, tokenizer, weights, needs) = (nil, nil, nil, nil)
            self.problems = problems
            return
        }
        let config = attempt { () throws(CheckpointError) in try checkpoint.config() }
        let tokenizer = attempt { () throws(CheckpointError) in try checkpoint.tokenizer() }
        let store = attempt { () throws(CheckpointError) in
            try checkpoint.store(wideningTo: weightType.widened)
        }
        if let config, let tokenizer {
            _ = attempt { () throws(CheckpointError) in try config.check(tokenizer, of: checkpoint) }
        }
        self.config = config
        self.tokenizer = tokenizer.map { TokenizerSummary($0, of: checkpoint) }
        if let config, let store {
            let trial = DecoderTrial(
                store, config: config, numerics: numerics, weightType: weightType, kernels: kernels)
            problems += trial.problems
            needs = trial.needs
            weights = Weights(store, weightType, asked: trial.problems.isEmpty ? trial.asked : nil)
        } else {
            needs = nil
            weights = store.map { Weights($0, weightType, asked: nil) }
        }
        self.problems = problems
    }
}

extension Inspection.Weights {
    fileprivate init(_ store: any WeightStore, _ type: WeightType, asked: Set<String>?) {
        format = store.format
        widened = store.isQuantised ? type.widened : nil
        let tensors = store.tensors
        var types: [String: (tensors: Int, numbers: Int)] = [:]
        for tensor in tensors {
            types[tensor.type, default: (0, 0)].tensors += 1
            types[tensor.type, default: (0, 0)].numbers += tensor.elementCount
        }
        self.types = types
        files = store.files.map { file in
            (String(file.path.split(separator: "/").last ?? ""), file.bytes.count)
        }
        unread = asked.map { asked in
            let read = Set(asked.flatMap(store.storedNames) + store.configurationTensors)
            return tensors.map(\.name).filter { !read.contains($0) }.sorted()
        }
    }
}

/// A decoder built without its weights.
private struct DecoderTrial {
    let asked: Set<String>
    let problems: [CheckpointError]
    /// `nil` if there are problems.
    let needs: Inspection.Needs?

    init(
        _ store: any WeightStore, config: ModelConfig, numerics: NumericsMode, weightType: WeightType,
        kernels: Kernels
    ) {
        let survey = WeightSurvey(of: store)
        let arena = WeightArena(isMeasuring: true)
        let loader = WeightLoader(
            file: survey, mode: numerics, type: weightType, kernels: kernels, workers: nil, arena: arena)
        var decoder: DecoderWeights?
        var last: CheckpointError?
        do throws(CheckpointError) {
            decoder = try DecoderWeights(loader, config: config)
        } catch {
            last = error
        }
        let findings = survey.findings
        asked = findings.asked
        problems = findings.problems.isEmpty ? last.map { [$0] } ?? [] : findings.problems
        guard problems.isEmpty, let decoder else {
            needs = nil
            return
        }
        let cost = ModelCost(layers: decoder.layers, head: decoder.head, config: config)
        let float = MemoryLayout<Float>.size
        let blocks = (config.maximumPositions + KVCache.blockSize - 1) / KVCache.blockSize
        needs = Inspection.Needs(
            activeParameters: cost.activeParameters(
                choices: config.experts?.perToken ?? 0, layers: config.sparseLayerCount),
            weights: arena.byteCount + findings.vectorNumbers * float,
            rotaryTables: config.maximumPositions * config.rotary.dimension * float,
            cachePerToken: config.cachedPerPosition * float,
            cachePerContext: blocks * KVCache.blockSize * config.cachedPerPosition * float)
    }
}
