import CKernels

/// How positions become angles (RoPE, arXiv 2104.09864), and how a context longer than the trained one is squeezed in.
///
/// The formulas and their precision are those of `transformers` (`modeling_rope_utils.py`).
public struct RotaryEmbedding: Sendable, Hashable {
    public enum Scaling: Sendable, Hashable {
        case none
        /// Every frequency divided by the factor (position interpolation, arXiv 2306.15595).
        case linear(factor: Float)
        case llama3(Llama3Scaling)
        case yarn(YarnScaling)
    }

    /// Llama 3.1's: long waves divided by the factor, short ones left alone, those between blended.
    public struct Llama3Scaling: Sendable, Hashable {
        public let factor: Float
        /// The positions of the training over the longest wave that is blended, and over the shortest.
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

    /// YaRN (arXiv 2309.00071): as Llama 3's by turns within the trained positions, with a louder query and key.
    public struct YarnScaling: Sendable, Hashable {
        public var factor: Double
        public var trainedPositions: Double
        /// Turns within the trained positions above which a frequency is left alone, and below which it is divided.
        public var fastTurns: Double = 32
        public var slowTurns: Double = 1
        /// Whether the dimensions between which frequencies are blended are made whole, outwards.
        public var isWhole = true
        /// What cosines and sines are multiplied with.
        public var amplitude: Float

        public init(factor: Double, trainedPositions: Double, amplitude: Float) {
            self.factor = factor
            self.trainedPositions = trainedPositions
            self.amplitude = amplitude
        }

        /// 0.1 · weight · log(factor) + 1: what a longer context asks of the softmax's temperature.
        public static func magnitude(factor: Double, weight: Double = 1) -> Double {
            factor <= 1 ? 1 : 0.1 * weight * jk_log_f64(factor) + 1
        }
    }

    /// Width of what is rotated: of a head, or of a part of it.
    public let dimension: Int
    public let theta: Double
    public let scaling: Scaling

    /// `dimension` must be even, `theta` above 1 if there is a `scaling`.
    public init(dimension: Int, theta: Double, scaling: Scaling = .none) {
        precondition(
            dimension > 0 && dimension % 2 == 0, "rotary pairs need an even dimension, not \(dimension)")
        precondition(theta > 0 && theta.isFinite, "the rotary base must be positive, not \(theta)")
        self.dimension = dimension
        self.theta = theta
        self.scaling = scaling
    }

    /// Radians from one position to the next, [dimension / 2].
    var frequencies: [Float] {
        var frequencies = [Float](repeating: 0, count: dimension / 2)
        jk_rotary_frequencies(theta, dimension, &frequencies)
        switch scaling {
        case .none: return frequencies
        case .linear(let factor): return frequencies.map { $0 / factor }
        case .llama3(let scaling): return frequencies.map(scaling.scaled)
        case .yarn(let scaling): return scaling.scaled(frequencies, theta: theta)
        }
    }

    /// What cosines and sines are multiplied with.
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
        /// The dimension that makes so many turns within the trained positions.
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
