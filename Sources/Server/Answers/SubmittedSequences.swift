import Engine
import Threads

/// The sequences of one request: submitted together, and cancelled together.
final class SubmittedSequences: Sendable {
    private struct State {
        /// In the order of the request.
        var ids: [SequenceID] = []
        var isCancelled = false
    }

    private let engine: EngineThread
    private let state = Locked(State())

    init(on engine: EngineThread) {
        self.engine = engine
    }

    /// Whether all of them have been cancelled.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Submits every sequence; if one is refused, those before it are cancelled.
    ///
    /// `receive` is called with the events of each sequence and its index.
    func submit(
        _ sequences: [GenerationRequest],
        receive: @escaping @Sendable (_ events: [TimedEvent], _ index: Int) -> Void
    ) throws(EngineRefusal) {
        do throws(EngineRefusal) {
            for (index, sequence) in sequences.enumerated() {
                let id = try engine.submit(sequence) { receive($0, index) }
                state.withLock { $0.ids.append(id) }
            }
        } catch {
            cancel()
            throw error
        }
    }

    /// Cancels one of them.
    func end(_ index: Int) {
        engine.cancel(state.withLock { $0.ids[index] })
    }

    /// Cancels all of them.
    func cancel() {
        let ids = state.withLock { state in
            state.isCancelled = true
            return state.ids
        }
        for id in ids { engine.cancel(id) }
    }
}
