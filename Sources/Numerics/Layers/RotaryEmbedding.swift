import CKernels

/// Rotary position embedding (RoPE, arXiv 2104.09864), with the scalings that extend the trained context.
///
/// Formulas and precision follow `modeling_rope_utils.py` of `transformers`.
public struct RotaryEmbedding: Sendable, Hashable {
    public enum Scaling: Sendable, Hashable {
        case none
        /// Every frequency is divided by the factor (position interpolation, arXiv 2306.15595).
        case linear(factor: Float)
        case llama3(Llama3Scaling)
        case yarn(YarnScaling)
    }

    /// Llama 3.1: long wavelengths are divided by the factor, short ones are kept, those in between are blended.
    public struct Llama3Scaling: Sendable, Hashable {
        public let factor: Float
        /// Trained context divided by the longest and by the shortest wavelength that is blended.
        public let lowFrequencyFactor: Float
        public let highFrequencyFactor: Float
        public let trainedPositions: Float

        public init(
            factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, trainedPositions: Float
        ) {
            self.factor = factor
            self.lowFrequencyFactor = lowFrequencyFactor
            self.highFrequencyFactor = highFrequencyFactor
            self.trainedPositions = trainedPositions
        }
    }

    /// YaRN (arXiv 2309.00071): blends as Llama 3.1, by turns within the trained context, and scales queries and keys.
    public struct YarnScaling: Sendable, Hashable {
        public var factor: Double
        public var trainedPositions: Double
        /// Frequencies with more turns than this within the trained context are kept; with fewer than the other,
        /// divided.
        public var fastTurns: Double = 32
        public var slowTurns: Double = 1
        /// Whether the bounds of the blended dimensions are rounded outwards to whole numbers.
        public var isWhole = true
        /// Factor of the cosines and sines.
        public var amplitude: Float

        public init(factor: Double, trainedPositions: Double, amplitude: Float) {
            self.factor = factor
            self.trainedPositions = trainedPositions
            self.amplitude = amplitude
        }

        /// 0.1 · weight · log(factor) + 1, YaRN's correction of the softmax temperature for longer contexts.
        public static func magnitude(factor: Double, weight: Double = 1) -> Double {
            factor <= 1 ? 1 : 0.1 * weight * jk_log_f64(factor) + 1
        }
    }

    /// Number of rotated dimensions: a whole head, or a part of it.
    public let dimension: Int
    public let theta: Double
    public let scaling: Scaling

    /// `dimension` must be even.
    ///
    /// `theta` must be above 1 if there is a `scaling`.
    public init(dimension: Int, theta: Double, scaling: Scaling = .none) {
        precondition(
            dimension > 0 && dimension % 2 == 0, "rotary pairs need an even dimension, not \(dimension)")
        precondition(theta > 0 && theta.isFinite, "the rotary base must be positive, not \(theta)")
        self.dimension = dimension
        self.theta = theta
        self.scaling = scaling
    }

    /// Radians per position, [dimension / 2].
    public var frequencies: [Float] {
        var frequencies = [Float](repeating: 0, count: dimension / 2)
        jk_rotary_frequencies(theta, dimension, &frequencies)
        switch scaling {
        case .none: return frequencies
        case .linear(let factor): return frequencies.map { $0 / factor }
        case .llama3(let scaling): return frequencies.map(scaling.scaled)
        case .yarn(let scaling): return scaling.scaled(frequencies, theta: theta)
        }
    }

    /// Factor of the cosines and sines.
    var amplitude: Float {
        if case .yarn(let scaling) = scaling { scaling.amplitude } else { 1 }
    }
}

extension RotaryEmbedding.Llama3Scaling {
    fileprivate func scaled(_ frequency: Float) -> Float {
        let wavelength = 2 * Float.pi / frequency
        if wavelength < trainedPositions / highFrequencyFactor { return frequency }
        if wavelength > trainedPositions / lowFrequencyFactor { return frequency / factor }
        let kept =
            (trainedPositions / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
        return (1 - kept) * frequency / factor + kept * frequency
    }
}

extension RotaryEmbedding.YarnScaling {
    fileprivate func scaled(_ frequencies: [Float], theta: Double) -> [Float] {
        let dimension = Double(2 * frequencies.count)
        /// The dimension that makes this many turns within the trained context.
        func place(turns: Double) -> Double {
            dimension * jk_log_f64(trainedPositions / (turns * 2 * Double.pi)) / (2 * jk_log_f64(theta))
        }
        var low = place(turns: fastTurns)
        var high = place(turns: slowTurns)
        if isWhole {
            low.round(.down)
            high.round(.up)
        }
        low = max(low, 0)
        high = min(high, dimension - 1)
        if low == high { high += 0.001 }
        return frequencies.enumerated().map { index, frequency in
            let ramp = min(max((Float(index) - Float(low)) / Float(high - low), 0), 1)
            let kept = 1 - ramp
            return frequency / Float(factor) * (1 - kept) + frequency * kept
        }
    }
}
