/// What a step's time goes into.
public enum StepPhase: Int, Sendable, CaseIterable {
    /// Choosing the batch, and telling what became of it.
    case scheduling
    /// Token embeddings, and who shares expert capacity.
    case embedding
    /// Query, key, value and output projections, with the norm before them.
    case projections
    /// Rotary embedding, the KV cache, and attention itself.
    case attention
    /// Router, plan, and the gathering of tokens by expert, with the norm before them.
    case routing
    /// Feed-forward networks, of experts or dense.
    case feedForward
    /// The weighted sum of the experts' results.
    case combination
    /// The final norm and the logits.
    case head
    /// Logits to tokens.
    case sampling
}

/// Adds up the time of each phase; one thread's.
public final class PhaseClock {
    /// By phase; none is running while nobody has entered one.
    public private(set) var totals = [Duration](repeating: .zero, count: StepPhase.allCases.count)
    private var current: StepPhase?
    private var since = ContinuousClock.now

    public init() {}

    /// The running phase ends, and `phase` begins; `nil` stops the clock.
    public func enter(_ phase: StepPhase?) {
        let now = ContinuousClock.now
        if let current { totals[current.rawValue] += now - since }
        current = phase
        since = now
    }
}
