/// What became of an assignment that its chosen expert did not compute, and who holds that expert's slots.
public struct Fate: Sendable, Hashable {
    public enum Outcome: Sendable, Hashable {
        /// No expert computed it: a dropped assignment.
        case lost
        /// Another expert computed it.
        case rerouted(to: Int)
    }

    /// Index into the step's tokens.
    public let token: Int
    /// Which of the token's choices, 0 being its best.
    public let choice: Int
    /// The expert that was full.
    public let chosenExpert: Int
    /// Index into the plan's groups.
    public let group: Int
    public let outcome: Outcome
    /// The tokens that hold the expert's slots, by slot.
    public let holders: [Int]
}
