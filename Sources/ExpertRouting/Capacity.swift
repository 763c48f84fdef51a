/// Which tokens capacity is computed from.
public enum CapacityBasis: String, Sendable, Hashable, CaseIterable, Codable {
    /// The tokens in the group.
    case tokens
    /// The group size, however full the group is: the static shapes of an accelerator.
    case padded
}

/// An expert's share of a group: T tokens, E experts, K choices, f the capacity factor.
public enum CapacityFormula: String, Sendable, Hashable, CaseIterable, Codable {
    /// f·K·T/E: f times an even share of the group's assignments.
    case perAssignment = "per-assignment"
    /// f·T/E: f times an even share of its tokens; the choices are not counted (Switch).
    case perToken = "per-token"
    /// K·round(f·⌈T/E⌉): whole slots per choice (Tutel).
    case perChoice = "per-choice"
    /// T: room for every token, whatever the factor.
    case unlimited
}

/// How a share becomes a whole number of slots.
public enum CapacityRounding: String, Sendable, Hashable, CaseIterable, Codable {
    /// Upwards.
    case up
    /// Downwards.
    case down
    /// To the nearest whole number, halves to the even one, as Python's `round`.
    case nearestEven = "nearest-even"
}

/// What a share that rounds to no slot at all means.
public enum ZeroCapacity: String, Sendable, Hashable, CaseIterable, Codable {
    /// What it says: without a minimum, every assignment is dropped.
    case noSlots = "no-slots"
    /// No limit: nothing is dropped (MegaBlocks).
    case unlimited
}

/// How many slots each expert has in a group.
///
/// By default `max(minimum, ⌈factor·K·T/E⌉)`. The other knobs exist because published implementations differ in
/// each of them, and each difference changes who is dropped.
public struct CapacityRule: Sendable, Hashable, Codable {
    /// 1 gives an expert exactly an even share; E/K or more drops nothing.
    public var factor: Double
    /// Fewest slots of an expert; above 1 it hides the competition of small groups.
    public var minimum: Int
    /// Which tokens T counts.
    public var basis: CapacityBasis
    /// What the factor multiplies.
    public var formula: CapacityFormula
    /// How the result becomes whole.
    public var rounding: CapacityRounding
    /// Slots come in multiples of this number, upwards; 1 rounds nothing.
    public var multiple: Int
    /// What a result of 0 means.
    public var whenZero: ZeroCapacity

    /// Left alone, every parameter has its value in `deepspeed-inference`, the default preset.
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

    /// C: the slots of each of `experts` in a group of `tokens`, never more than `tokens`.
    ///
    /// An expert meets each token at most once, so T slots are as good as no limit.
    public func slots(tokens: Int, experts: Int, choices: Int, groupSize: Int) -> Int {
        let counted = basis == .padded ? groupSize : tokens
        let share = share(tokens: Double(counted), experts: Double(experts), choices: Double(choices))
        guard share < Double(tokens) else { return tokens }
        let slots = Int(max(0, share))
        if slots == 0 && whenZero == .unlimited { return tokens }
        return roundedToMultiple(max(slots, minimum), atMost: tokens)
    }

    /// The formula's value, a whole number.
    private func share(tokens: Double, experts: Double, choices: Double) -> Double {
        switch formula {
        case .perAssignment: rounded(factor * (choices * tokens) / experts)
        case .perToken: rounded(factor * tokens / experts)
        case .perChoice: choices * rounded(factor * (tokens / experts).rounded(.up))
        case .unlimited: .infinity
        }
    }

    /// Rounds what the share would be in exact arithmetic.
    ///
    /// 1.1·2·200/8 is 55, but comes out as 55.00000000000001, and would round up to 56. Representing the
    /// factor, multiplying and dividing each err by at most half a unit in the last place, so a share within
    /// four such units of a half or a whole number (where roundings change their mind) is that number.
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
