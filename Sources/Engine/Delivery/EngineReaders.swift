public import Threads

/// The readers of an engine's records, and what they need.
public struct EngineReaders: Sendable {
    /// What steps record besides their counts.
    public var details: StepDetail
    /// Called with each record, in order, on the outbox thread: after the record's tokens are delivered, and before its
    /// endings are.
    public var observe: @Sendable (EngineRecord) -> Void
    /// Called on the outbox thread after events were delivered to receivers.
    ///
    /// Put work here that can be done once for all receivers. `isLast` is `true` with the last events of a
    /// record.
    public var onDelivery: @Sendable (_ isLast: Bool) -> Void
    /// Opened before a step's events are delivered.
    public var window: DeliveryWindow?

    public init(
        details: StepDetail = [], window: DeliveryWindow? = nil,
        observe: @escaping @Sendable (EngineRecord) -> Void = { _ in },
        onDelivery: @escaping @Sendable (_ isLast: Bool) -> Void = { _ in }
    ) {
        self.details = details
        self.window = window
        self.onDelivery = onDelivery
        self.observe = observe
    }
}
