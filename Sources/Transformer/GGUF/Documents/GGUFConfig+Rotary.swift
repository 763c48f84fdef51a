import GGUF
import JSON
import Numerics

extension GGUFConfig {
    /// The rotary embedding: its base, and the scaling that extends the trained context.
    func rotary() throws(GGUFError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        let base = try model.number("rope.freq_base") ?? 10_000
        members.add("rope_theta", base)
        let scaling = try scaling()
        members.add("rope_scaling", try factorScaling(base: base) ?? scaling)
        return members
    }

    private func scaling() throws(GGUFError) -> JSONValue? {
        // llama.cpp takes a factor without a type for a linear one; the second is the key of 2023.
        let type = try model.metadata.string(model.key("rope.scaling.type")) ?? "linear"
        let older = try model.number("rope.scale_linear")
        let factor = try model.number("rope.scaling.factor") ?? older ?? 0
        switch type {
        case "none": return nil
        case "linear", "yarn": break
        default:
            throw model.error(
                "rope.scaling.type", "is \(type), which is not supported; supported are none, linear and yarn"
            )
        }
        guard factor != 0, type == "yarn" || factor != 1 else { return nil }
        var members: [JSONValue.Member] = []
        members.add("rope_type", .string(type))
        members.add("factor", factor)
        if type == "yarn" { members += try yarn() }
        return .object(members)
    }

    private func yarn() throws(GGUFError) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        let context = try model.required("context_length")
        members.add(
            "original_max_position_embeddings",
            try model.integer("rope.scaling.original_context_length") ?? context)
        members.add("attention_factor", try model.number("rope.scaling.yarn_attn_factor"))
        members.add("beta_fast", try model.number("rope.scaling.yarn_beta_fast"))
        members.add("beta_slow", try model.number("rope.scaling.yarn_beta_slow"))
        if let multiplier = try model.number("rope.scaling.yarn_log_multiplier") {
            // The converter stores a tenth of it, and leaves out `mscale`, which published models have equal to it.
            let weight = Float(multiplier * 10).shortestDecimal
            members.add("mscale", weight)
            members.add("mscale_all_dim", weight)
        }
        return members
    }

    /// The scaling of Llama 3.1, of which a file has only the resulting factors.
    private func factorScaling(base: Double) throws(GGUFError) -> JSONValue? {
        let name = "rope_freqs.weight"
        guard let tensor = model.parts.tensors[name] else { return nil }
        let fault = GGUFError(
            model.parts.path, "has factors in tensor `\(name)` that are not those of Llama 3.1's scaling")
        let count = tensor.header.elementCount
        guard 1...FieldCheck.maximumHeadDimension ~= count else { throw fault }
        let factors = GGUFSource.rows(tensor).vector(from: model.parts, count: count)
        guard factors.contains(where: { $0 != 1 }) else { return nil }
        guard let scaling = Llama3Factors(factors, base: base) else { throw fault }
        return scaling.json
    }
}

/// The parameters of Llama 3.1's scaling, found from the factors of the frequencies.
private struct Llama3Factors {
    private static let lowFrequencyFactor: Float = 1
    private static let highFrequencyFactor: Float = 4
    /// The trained context of the published models.
    private static let trainedPositions: Float = 8192

    private let scaling: RotaryEmbedding.Llama3Scaling

    /// Returns `nil` if no parameters give these factors.
    init?(_ factors: [Float], base: Double) {
        guard base > 1, base.isFinite, factors.allSatisfy({ 1...1e6 ~= $0 }), let factor = factors.max(),
            factor > 1
        else { return nil }
        let plain = RotaryEmbedding(dimension: 2 * factors.count, theta: base)
        let (low, high) = (Self.lowFrequencyFactor, Self.highFrequencyFactor)
        // A frequency that is blended tells the trained context.
        let blended = zip(plain.frequencies, factors).first { 1 < $0.1 && $0.1 < factor }
        let trained = blended.map { frequency, blend in
            let kept = (1 / blend - 1 / factor) / (1 - 1 / factor)
            return (2 * Float.pi / frequency * (low + kept * (high - low))).rounded()
        }
        scaling = .init(
            factor: factor, lowFrequencyFactor: low, highFrequencyFactor: high,
            trainedPositions: trained ?? Self.trainedPositions)
        guard 1...Float(FieldCheck.maximumSize) ~= scaling.trainedPositions else { return nil }
        let scaled = RotaryEmbedding(dimension: plain.dimension, theta: base, scaling: .llama3(scaling))
        let isSame = zip(zip(plain.frequencies, scaled.frequencies), factors).allSatisfy {
            frequencies, factor in
            abs(frequencies.1 * factor / frequencies.0 - 1) < 1e-5
        }
        guard isSame else { return nil }
    }

    var json: JSONValue {
        [
            "rope_type": "llama3", "factor": .number(scaling.factor.shortestDecimal),
            "low_freq_factor": .number(Double(scaling.lowFrequencyFactor)),
            "high_freq_factor": .number(Double(scaling.highFrequencyFactor)),
            "original_max_position_embeddings": .integer(Int(scaling.trainedPositions)),
        ]
    }
}
