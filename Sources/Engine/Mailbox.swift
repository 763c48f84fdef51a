import ExpertRouting
import Threads

/// The door into the engine: requests and cancellations from any thread, in the order they came.
final class Mailbox: Sendable {
    enum Command {
        case submit(SequenceID, GenerationRequest, RoutingRule, TokenStream)
        case cancel(SequenceID)
    }

    /// What the mailbox gave out in one go.
    struct Delivery {
        let commands: [Command]
        let isClosed: Bool
    }

    private struct State {
        var commands: [Command] = []
        var rule: RoutingRule
        var nextID: UInt64 = 0
        /// Sequences submitted and not yet in a batch.
        var queued = 0
        var isClosed = false
    }

    private let state: Locked<State>
    private let maximumQueued: Int

    init(rule: RoutingRule, maximumQueued: Int) {
        state = Locked(State(rule: rule))
        self.maximumQueued = maximumQueued
    }

    /// The rule that requests submitted from now on run under.
    var rule: RoutingRule {
        get { state.withLock { $0.rule } }
        set { state.withLock { $0.rule = newValue } }
    }

    /// Sequences submitted and not yet in a batch.
    var queued: Int { state.withLock { $0.queued } }

    func submit(_ request: GenerationRequest, to stream: TokenStream) throws(EngineRefusal) -> SequenceID {
        let id = try state.withLock { state throws(EngineRefusal) in
            guard !state.isClosed else { throw .shuttingDown }
            guard state.queued < maximumQueued else { throw .queueFull(limit: maximumQueued) }
            let id = SequenceID(rawValue: state.nextID)
            state.nextID += 1
            state.queued += 1
            state.commands.append(.submit(id, request, state.rule, stream))
            return id
        }
        state.signal()
        return id
    }

    func cancel(_ id: SequenceID) {
        state.withLock { $0.commands.append(.cancel(id)) }
        state.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        state.signal()
    }

    /// Takes what has come; waits for something where `mayWait`.
    func collect(mayWait: Bool) -> Delivery {
        state.wait {
            !mayWait || $0.isClosed || !$0.commands.isEmpty
        } then: { state in
            defer { state.commands = [] }
            return Delivery(commands: state.commands, isClosed: state.isClosed)
        }
    }

    /// Hears from the engine how many sequences it has taken in and not put into a batch.
    func update(waiting: Int) {
        state.withLock { state in
            let arrivals = state.commands.count { if case .submit = $0 { true } else { false } }
            state.queued = waiting + arrivals
        }
    }
}
