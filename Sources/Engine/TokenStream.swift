import Threads

/// The door through which a sequence's tokens leave the engine: outbox thread in, HTTP thread out.
public final class TokenStream: Sendable {
    private let events = Locked<[TimedEvent]>([])
    private let onEvent: @Sendable () -> Void

    /// `onEvent` runs on the engine's outbox thread after each push, with no lock held.
    public init(onEvent: @escaping @Sendable () -> Void) {
        self.onEvent = onEvent
    }

    /// Everything pushed since the last drain.
    public func drain() -> [TimedEvent] {
        events.withLock { events in
            defer { events = [] }
            return events
        }
    }

    /// Hands an event out.
    func push(_ event: TimedEvent) {
        events.withLock { $0.append(event) }
        onEvent()
    }
}
