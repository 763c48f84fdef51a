public import Threads

/// Who reads an engine's record, and what they want of it.
public struct EngineReaders: Sendable {
    /// What steps record beside their counts.
    public var details: StepDetail
    /// Takes each record, in order, on the outbox thread: before the endings of the record leave, and after its other
    /// events.
    public var observe: @Sendable (EngineRecord) -> Void
    /// Called on the outbox thread when events have been handed to several receivers.
    ///
    /// Expensive work that can be done once for all of them belongs here. `isLast` is `true` with the last events of a
    /// record.
    public var onDelivery: @Sendable (_ isLast: Bool) -> Void
    /// Opened before a step's events leave.
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
