/// Which number of tokens T the capacity is computed from.
public enum CapacityBasis: String, Sendable, Hashable, CaseIterable, Codable {
    /// The tokens actually in the group.
    case tokens
    /// The group size, even if the group is not full: the static shapes of an accelerator.
    case padded
}

/// How many slots an expert gets.
///
/// T: tokens, E: experts, K: choices per token, f: capacity factor.
public enum CapacityFormula: String, Sendable, Hashable, CaseIterable, Codable {
    /// f·K·T/E: f times an even share of the group's assignments.
    case perAssignment = "per-assignment"
    /// f·T/E: f times an even share of its tokens; K does not count (Switch).
    case perToken = "per-token"
    /// K·round(f·⌈T/E⌉): whole slots for each choice (Tutel).
    case perChoice = "per-choice"
    /// T: a slot for every token, whatever the factor.
    case unlimited
}

/// How the formula's value is rounded to whole slots.
public enum CapacityRounding: String, Sendable, Hashable, CaseIterable, Codable {
    /// Up.
    case up
    /// Down.
    case down
    /// To the nearest whole number, ties to even, as Python's `round`.
    case nearestEven = "nearest-even"
}

/// What a capacity of zero slots means.
public enum ZeroCapacity: String, Sendable, Hashable, CaseIterable, Codable {
    /// Zero slots: without a minimum, every assignment is dropped.
    case noSlots = "no-slots"
    /// No limit: nothing is dropped (MegaBlocks).
    case unlimited
}

/// How many slots each expert has in a group.
///
/// By default `max(minimum, ⌈factor·K·T/E⌉)`. Published implementations differ in each of the other settings, and each
/// difference changes which tokens are dropped.
public struct CapacityRule: Sendable, Hashable, Codable {
    /// 1 gives each expert exactly an even share.
    ///
    /// From E/K on, nothing is dropped.
    public var factor: Double
    /// Minimum slots per expert.
    ///
    /// Above 1 it hides competition in small groups.
    public var minimum: Int
    /// Which tokens T counts.
    public var basis: CapacityBasis
    /// The formula that the factor enters.
    public var formula: CapacityFormula
    /// How the formula's value becomes a whole number.
    public var rounding: CapacityRounding
    /// Slots are rounded up to a multiple of this number; 1 changes nothing.
    public var multiple: Int
    /// What zero slots mean.
    public var whenZero: ZeroCapacity

    /// The defaults are those of the preset `deepspeed-inference`.
    public init(
        factor: Double = 1, minimum: Int = 1, basis: CapacityBasis = .tokens,
        formula: CapacityFormula = .perAssignment, rounding: CapacityRounding = .up, multiple: Int = 1,
        whenZero: ZeroCapacity = .noSlots
    ) {
        self.factor = factor
        self.minimum = minimum
        self.basis = basis
        self.formula = formula
        self.rounding = rounding
        self.multiple = multiple
        self.whenZero = whenZero
    }

    /// C: the slots of each expert in a group of `tokens`, at most `tokens`.
    ///
    /// An expert gets each token at most once, so T slots are the same as no limit.
    public func slots(tokens: Int, experts: Int, choices: Int, groupSize: Int) -> Int {
        let counted = basis == .padded ? groupSize : tokens
        let share = share(tokens: Double(counted), experts: Double(experts), choices: Double(choices))
        guard share < Double(tokens) else { return tokens }
        let slots = Int(max(0, share))
        if slots == 0 && whenZero == .unlimited { return tokens }
        return roundedToMultiple(max(slots, minimum), atMost: tokens)
    }

    /// The formula's value, rounded to a whole number.
    private func share(tokens: Double, experts: Double, choices: Double) -> Double {
        switch formula {
        case .perAssignment: rounded(factor * (choices * tokens) / experts)
        case .perToken: rounded(factor * tokens / experts)
        case .perChoice: choices * rounded(factor * (tokens / experts).rounded(.up))
        case .unlimited: .infinity
        }
    }

    /// Rounds as if the share had been computed in exact arithmetic.
    ///
    /// 1.1·2·200/8 is 55, but floating point gives 55.00000000000001, which would round up to 56. Storing the factor,
    /// multiplying and dividing each err by at most half a unit in the last place. So a share within four such units of
    /// a whole or half number is taken to be that number.
    private func rounded(_ share: Double) -> Double {
        let nearestHalf = (2 * share).rounded() / 2
        let exact = abs(share - nearestHalf) <= 4 * nearestHalf.ulp ? nearestHalf : share
        return switch rounding {
        case .up: exact.rounded(.up)
        case .down: exact.rounded(.down)
        case .nearestEven: exact.rounded(.toNearestOrEven)
        }
    }

    private func roundedToMultiple(_ slots: Int, atMost tokens: Int) -> Int {
        guard slots < tokens else { return tokens }
        let excess = slots % multiple
        guard excess > 0 else { return slots }
        return slots + min(multiple - excess, tokens - slots)
    }
}
