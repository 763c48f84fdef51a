public import ExpertRouting

/// A change of a routing rule: in the catalogue, on the command line or in `PUT /admin/routing`.
///
/// Fields that are `nil` change nothing. The preset is applied first, then the other fields.
public struct RoutingChange: Sendable, Hashable {
    public var preset: String?
    public var capacityFactor: Double?
    public var minimumCapacity: Int?
    public var groupSize: Int?
    public var capacityBasis: CapacityBasis?
    public var slotPriority: SlotPriority?
    public var overflow: OverflowPolicy?
    public var seed: UInt64?

    public init() {}

    enum Key: String, CaseIterable {
        case preset
        case capacityFactor = "capacity_factor"
        case minimumCapacity = "min_capacity"
        case groupSize = "group_size"
        case capacityBasis = "capacity_basis"
        case slotPriority = "slot_priority"
        case overflow, seed
    }

    /// The names of the fields.
    public static let keys = Set(Key.allCases.map(\.rawValue))

    /// Changes `rule`.
    ///
    /// If the result is not a valid rule, leaves it unchanged and returns the reason.
    public func apply(to rule: inout RoutingRule) -> String? {
        var changed = rule
        if let preset {
            guard let named = RoutingRule.preset(named: preset) else {
                let names = RoutingRule.presets.map(\.name).joined(separator: ", ")
                return "there is no preset '\(preset)'; the presets are \(names)"
            }
            changed = named
        }
        if let capacityFactor { changed.capacity.factor = capacityFactor }
        if let minimumCapacity { changed.capacity.minimum = minimumCapacity }
        if let groupSize { changed.groupSize = groupSize }
        if let capacityBasis { changed.capacity.basis = capacityBasis }
        if let slotPriority { changed.slotPriority = slotPriority }
        if let overflow { changed.overflow = overflow }
        if let seed { changed.seed = seed }
        do throws(InvalidRoutingRule) {
            try changed.validate()
        } catch {
            return error.description
        }
        rule = changed
        return nil
    }
}
