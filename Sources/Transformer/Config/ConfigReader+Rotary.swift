import Numerics

extension ConfigReader {
    /// The rotary embedding, from `rope_parameters` or the older fields.
    func rotary(dimension: Int) throws(CheckpointError) -> RotaryEmbedding {
        let theta = try check.positive(
            file.ropeParameters?.ropeTheta ?? file.ropeTheta ?? family.ropeTheta, "rope_theta")
        for (field, rope) in [("rope_parameters", file.ropeParameters), ("rope_scaling", file.ropeScaling)] {
            guard let rope else { continue }
            if let factor = rope.partialRotaryFactor, factor != 1 {
                throw check.fault(field, "asks for partial_rotary_factor \(factor); only 1 is supported")
            }
            let scaling = try RopeReader(rope: rope, field: field, check: check).scaling(
                positions: file.maxPositionEmbeddings)
            if case .none = scaling { continue }
            guard theta > 1 else {
                throw check.fault("rope_theta", "is \(theta); with scaling it must be above 1")
            }
            return RotaryEmbedding(dimension: dimension, theta: theta, scaling: scaling)
        }
        return RotaryEmbedding(dimension: dimension, theta: theta)
    }

    /// 1/√d.
    ///
    /// DeepSeek's latent attention compensates for YaRN's amplitude here.
    func attentionScale(keyDimension: Int, _ scaling: RotaryEmbedding.Scaling) -> Float {
        let scale = 1 / Double(keyDimension).squareRoot()
        let rope = file.ropeParameters ?? file.ropeScaling
        guard family.isLatent, scaling != .none, let factor = rope?.factor, let weight = rope?.mscaleAllDim,
            weight != 0
        else { return Float(scale) }
        let magnitude = RotaryEmbedding.YarnScaling.magnitude(factor: factor, weight: weight)
        return Float(scale * magnitude * magnitude)
    }
}

/// Reads an object that describes a scaling.
private struct RopeReader {
    let rope: ModelConfigFile.Rope
    let field: String
    let check: FieldCheck

    /// `positions`: the trained context, if the file does not give it.
    func scaling(positions: Int) throws(CheckpointError) -> RotaryEmbedding.Scaling {
        // `rope_scaling` objects always had a type; `rope_parameters` need none.
        let type = rope.ropeType ?? rope.type ?? (field == "rope_scaling" ? "unnamed" : "default")
        switch type {
        case "default": return .none
        case "linear": return .linear(factor: Float(try number(rope.factor, "factor")))
        case "llama3": return .llama3(try llama3(positions: positions))
        case "yarn": return .yarn(try yarn(positions: positions))
        default:
            throw check.fault(
                field, "asks for \(type) scaling; supported are default, linear, llama3 and yarn")
        }
    }

    private func number(_ value: Double?, _ name: String) throws(CheckpointError) -> Double {
        try check.positive(value, "\(field).\(name)")
    }

    private func trainedPositions(_ positions: Int) throws(CheckpointError) -> Double {
        try number(
            rope.originalMaxPositionEmbeddings ?? Double(positions), "original_max_position_embeddings")
    }

    private func llama3(positions: Int) throws(CheckpointError) -> RotaryEmbedding.Llama3Scaling {
        let low = try number(rope.lowFreqFactor, "low_freq_factor")
        let high = try number(rope.highFreqFactor, "high_freq_factor")
        guard low < high else {
            throw check.fault("\(field).high_freq_factor", "is \(high), not above low_freq_factor \(low)")
        }
        return RotaryEmbedding.Llama3Scaling(
            factor: Float(try number(rope.factor, "factor")), lowFrequencyFactor: Float(low),
            highFrequencyFactor: Float(high), trainedPositions: Float(try trainedPositions(positions)))
    }

    private func yarn(positions: Int) throws(CheckpointError) -> RotaryEmbedding.YarnScaling {
        let trained = try trainedPositions(positions)
        let factor = try number(rope.factor ?? Double(positions) / trained, "factor")
        typealias Scaling = RotaryEmbedding.YarnScaling
        var amplitude = Scaling.magnitude(factor: factor)
        if let given = rope.attentionFactor {
            amplitude = try number(given, "attention_factor")
        } else if let mine = rope.mscale, let all = rope.mscaleAllDim, mine != 0, all != 0 {
            amplitude =
                Scaling.magnitude(factor: factor, weight: mine)
                / Scaling.magnitude(factor: factor, weight: all)
        }
        var scaling = Scaling(
            factor: factor, trainedPositions: trained,
            amplitude: Float(try number(amplitude, "attention_factor")))
        if let turns = rope.betaFast, turns != 0 { scaling.fastTurns = try number(turns, "beta_fast") }
        if let turns = rope.betaSlow, turns != 0 { scaling.slowTurns = try number(turns, "beta_slow") }
        scaling.isWhole = rope.truncate ?? true
        return scaling
    }
}
