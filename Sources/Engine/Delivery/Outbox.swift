import Threads

/// Called on the outbox thread with the events of one sequence in one step.
///
/// The last event of a sequence is `.finished`.
public typealias EventReceiver = @Sendable ([TimedEvent]) -> Void

/// Passes the engine's records to their readers on its own thread, so that no step waits for text, JSON or sockets.
///
/// Tokens are delivered first, then the observer counts the step, then endings are delivered. So a client that has a
/// whole answer finds it in the metrics.
final class Outbox: Sendable {
    /// A record with the parts that are not plain values.
    struct Item {
        let record: EngineRecord
        /// Receivers of the sequences submitted in this record.
        let receivers: [(id: SequenceID, receive: EventReceiver)]
        /// When each token was sampled, in the order of the step's tokens.
        let sampled: [(id: SequenceID, time: ContinuousClock.Instant)]
    }

    private struct State {
        var items: [Item] = []
        var isClosed = false
        var hasEnded = false
    }

    private let state = Locked(State())
    private let readers: EngineReaders

    init(_ readers: EngineReaders) {
        self.readers = readers
        startThread { [self] in run() }
    }

    /// Queues an item for delivery.
    func send(_ item: Item) {
        state.withLock { $0.items.append(item) }
        state.signal()
    }

    /// Returns when everything has been delivered.
    ///
    /// Send nothing afterwards.
    func finish() {
        state.withLock { $0.isClosed = true }
        state.signal()
        state.wait {
            $0.hasEnded
        } then: { _ in
        }
    }

    private func run() {
        var receivers: [SequenceID: EventReceiver] = [:]
        while true {
            let items = state.wait {
                !$0.items.isEmpty || $0.isClosed
            } then: { state in
                defer { state.items = [] }
                return state.items
            }
            // Empty only if it was closed.
            if items.isEmpty { break }
            for item in items { deliver(item, to: &receivers) }
        }
        state.withLock { $0.hasEnded = true }
        state.signal()
    }

    private func deliver(_ item: Item, to receivers: inout [SequenceID: EventReceiver]) {
        for (id, receive) in item.receivers { receivers[id] = receive }
        let events = item.events
        var endings: [SequenceID: [TimedEvent]] = [:]
        for (id, event) in events {
            if case .finished = event.event { endings[id] = [] }
        }
        for (id, event) in events {
            if endings.isEmpty || endings[id] == nil {
                receivers[id]?([event])
            } else {
                endings[id]?.append(event)
            }
        }
        if !events.isEmpty { readers.onDelivery(endings.isEmpty) }
        readers.observe(item.record)
        guard !endings.isEmpty else { return }
        for (id, event) in events {
            guard case .finished = event.event else { continue }
            receivers.removeValue(forKey: id)?(endings[id] ?? [])
        }
        readers.onDelivery(true)
    }
}

extension Outbox.Item {
    /// The record's events in order, tokens with the time they were sampled.
    fileprivate var events: [(id: SequenceID, event: TimedEvent)] {
        var times = sampled[...]
        return (record.endings + (record.step?.emissions ?? [])).map { emission in
            var time: ContinuousClock.Instant?
            if case .token = emission.event {
                // A stop token was sampled but not emitted: skip its time.
                while let first = times.first, first.id != emission.id { times.removeFirst() }
                time = times.popFirst()?.time
            }
            return (emission.id, TimedEvent(event: emission.event, sampled: time))
        }
    }
}
