public enum CapacityBasis: String, Sendable, Hashable, CaseIterable, Codable { case tokens, padded }

/// How many slots each expert has in a group.
public struct CapacityRule: Sendable, Hashable {
    public var factor: Double
    public var minimum: Int
    public var basis: CapacityBasis
    // rounding, choices counted or not, multipleOf, … : to be designed with the presets
}
