import ExpertRouting
import Threads

/// Queue of commands from any thread to the engine thread, in order.
final class Mailbox: Sendable {
    /// The commands that had arrived at one call of `collect`.
    struct Delivery {
        var commands: [EngineCommand] = []
        /// Receivers of the submitted sequences.
        var receivers: [(id: SequenceID, receive: EventReceiver)] = []
        var isClosed = false
    }

    private struct State {
        var next = Delivery()
        var rule: RoutingRule
        var nextID: UInt64 = 0
        /// Sequences submitted and not yet in a batch.
        var queued = 0
    }

    private let state: Locked<State>
    private let maximumQueued: Int

    init(rule: RoutingRule, maximumQueued: Int) {
        state = Locked(State(rule: rule))
        self.maximumQueued = maximumQueued
    }

    /// The rule for new requests.
    var rule: RoutingRule {
        get { state.withLock { $0.rule } }
        set { state.withLock { $0.rule = newValue } }
    }

    /// Sequences submitted and not yet in a batch.
    var queued: Int { state.withLock { $0.queued } }

    func submit(
        _ request: GenerationRequest, receive: @escaping EventReceiver
    ) throws(EngineRefusal) -> SequenceID {
        let id = try state.withLock { state throws(EngineRefusal) in
            guard !state.next.isClosed else { throw .shuttingDown }
            guard state.queued < maximumQueued else { throw .queueFull(limit: maximumQueued) }
            let id = SequenceID(rawValue: state.nextID)
            state.nextID += 1
            state.queued += 1
            state.next.commands.append(.submit(id, request, state.rule))
            state.next.receivers.append((id, receive))
            return id
        }
        state.signal()
        return id
    }

    func cancel(_ id: SequenceID) {
        state.withLock { $0.next.commands.append(.cancel(id)) }
        state.signal()
    }

    func close() {
        state.withLock { $0.next.isClosed = true }
        state.signal()
    }

    /// Takes all commands; if `mayWait`, waits for one first.
    func collect(mayWait: Bool) -> Delivery {
        state.wait {
            !mayWait || $0.next.isClosed || !$0.next.commands.isEmpty
        } then: { state in
            defer {
                state.next.commands = []
                state.next.receivers = []
            }
            return state.next
        }
    }

    /// Updates the count of queued sequences: those waiting in the engine, and those still in the mailbox.
    func update(waiting: Int) {
        state.withLock { $0.queued = waiting + $0.next.receivers.count }
    }
}
