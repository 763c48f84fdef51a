import Engine
import Threads

/// The sequences of one request, in the engine: they are submitted together, and given up together.
final class SubmittedSequences: Sendable {
    private struct State {
        /// By sequence, in the order of the request.
        var ids: [SequenceID] = []
        var isCancelled = false
    }

    private let engine: EngineThread
    private let state = Locked(State())

    init(on engine: EngineThread) {
        self.engine = engine
    }

    /// Whether the rest of them is not wanted any more.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Submits every sequence; where one is refused, those before it are cancelled.
    ///
    /// `receive` hears the events of each, with its number.
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

    /// Ends one of them; the others go on.
    func end(_ index: Int) {
        engine.cancel(state.withLock { $0.ids[index] })
    }

    /// Ends all of them.
    func cancel() {
        let ids = state.withLock { state in
            state.isCancelled = true
            return state.ids
        }
        for id in ids { engine.cancel(id) }
    }
}
