import Engine
import Threads

extension EngineThread {
    /// Queues a request; `receive` is called with its events on the engine's outbox thread.
    ///
    /// The last event is `.finished`.
    func submit(
        _ request: GenerationRequest, receive: @escaping @Sendable ([TimedEvent]) -> Void
    ) throws(EngineRefusal) -> SequenceID {
        let held = Locked<TokenStream?>(nil)
        let stream = TokenStream {
            let events = held.withLock { stream in
                let events = stream?.drain() ?? []
                // The stream and this closure keep each other alive; with the last event they part.
                if case .finished? = events.last?.event { stream = nil }
                return events
            }
            receive(events)
        }
        held.withLock { $0 = stream }
        do throws(EngineRefusal) {
            return try submit(request, to: stream)
        } catch {
            held.withLock { $0 = nil }
            throw error
        }
    }
}
