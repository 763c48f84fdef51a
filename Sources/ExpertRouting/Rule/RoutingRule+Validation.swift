/// Why a routing rule is invalid.
public enum InvalidRoutingRule: Error, Hashable, CustomStringConvertible {
    case groupSizeBelowOne(Int)
    case factorNotPositive(Double)
    case minimumBelowZero(Int)
    case multipleBelowOne(Int)

    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .groupSizeBelowOne(let size):
            "group size is \(size): a routing group holds at least 1 token; "
                + "to route each sequence by itself, set isolation to per-sequence"
        case .factorNotPositive(let factor):
            "capacity factor is \(factor): it must be a finite number above 0; "
                + "to drop nothing, use the dropless preset or isolation"
        case .minimumBelowZero(let minimum):
            "minimum capacity is \(minimum): it must be 0 or more slots"
        case .multipleBelowOne(let multiple):
            "capacity multiple is \(multiple): it must be 1 (no rounding) or more slots"
        }
    }
}

extension RoutingRule {
    /// Throws if a value is out of range.
    ///
    /// Call it wherever a rule enters the program. Planning does not check its rule.
    public func validate() throws(InvalidRoutingRule) {
        guard groupSize >= 1 else { throw .groupSizeBelowOne(groupSize) }
        guard capacity.factor.isFinite, capacity.factor > 0 else { throw .factorNotPositive(capacity.factor) }
        guard capacity.minimum >= 0 else { throw .minimumBelowZero(capacity.minimum) }
        guard capacity.multiple >= 1 else { throw .multipleBelowOne(capacity.multiple) }
    }
}
