public import Threads

/// Who reads an engine's record, and what they want of it.
public struct EngineReaders: Sendable {
    /// What steps record beside their counts.
    public var details: StepDetail
    /// Hears of everything that the engine did, in order, on the outbox thread: before the endings of a record leave, and
    /// after its other events.
    public var observe: @Sendable (EngineRecord) -> Void
    /// Called on the outbox thread when events have been handed to several receivers: what is dear and can be done for
    /// all of them at once has its place there. `true` with the last events of a record.
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
