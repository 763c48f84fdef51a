/// A check of a setting's value.
struct Requirement<Value> {
    /// What is wrong with a value; `nil` if nothing is.
    let complaint: (Value) -> String?

    static var nothing: Requirement { Requirement { _ in nil } }

    static func atLeast(_ minimum: Value) -> Requirement where Value: Comparable {
        Requirement { $0 >= minimum ? nil : "it must be at least \(minimum)" }
    }
}
