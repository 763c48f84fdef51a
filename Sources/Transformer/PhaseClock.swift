/// The phases of a step that are timed.
public enum StepPhase: Int, Sendable, CaseIterable {
    /// Scheduling, and building the step's record.
    case scheduling
    /// Token embeddings, and routing groups.
    case embedding
    /// Query, key, value and output projections, with the norm before them.
    case projections
    /// Rotary embedding, the KV cache, and attention itself.
    case attention
    /// Router, plan, and gathering of tokens by expert, with the norm before them.
    case routing
    /// Feed-forward networks, of experts or dense.
    case feedForward
    /// The weighted sum of the experts' outputs.
    case combination
    /// The final norm and the logits.
    case head
    /// Sampling.
    case sampling
}

/// Sums the time of each phase, on one thread.
public final class PhaseClock {
    /// By phase.
    ///
    /// The clock stands still until a phase is entered.
    public private(set) var totals = [Duration](repeating: .zero, count: StepPhase.allCases.count)
    private var current: StepPhase?
    private var since = ContinuousClock.now

    public init() {}

    /// Ends the current phase and starts `phase`; `nil` stops the clock.
    public func enter(_ phase: StepPhase?) {
        let now = ContinuousClock.now
        if let current { totals[current.rawValue] += now - since }
        current = phase
        since = now
    }
}
