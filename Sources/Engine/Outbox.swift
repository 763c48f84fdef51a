import Threads

/// Hands the engine's news to their streams on a thread of its own, so that no step waits for text, JSON or sockets.
///
/// Events of one sequence arrive in the order they came in.
final class Outbox: Sendable {
    struct Parcel {
        let stream: TokenStream
        let event: TimedEvent
    }

    private struct State {
        var parcels: [Parcel] = []
        var isClosed = false
        var hasEnded = false
    }

    private let state = Locked(State())
    private let onDelivery: @Sendable () -> Void

    /// `onDelivery` runs on the outbox's thread after the last of the parcels that it found.
    init(onDelivery: @escaping @Sendable () -> Void) {
        self.onDelivery = onDelivery
        startThread { [self] in run() }
    }

    /// Delivers these after what was sent before.
    func send(_ parcels: [Parcel]) {
        guard !parcels.isEmpty else { return }
        state.withLock { $0.parcels += parcels }
        state.signal()
    }

    /// Returns when everything has been delivered; nothing may be sent afterwards.
    func finish() {
        state.withLock { $0.isClosed = true }
        state.signal()
        state.wait {
            $0.hasEnded
        } then: { _ in
        }
    }

    private func run() {
        while true {
            let parcels = state.wait {
                !$0.parcels.isEmpty || $0.isClosed
            } then: { state in
                defer { state.parcels = [] }
                return state.parcels
            }
            // Empty only where it was closed with nothing left.
            if parcels.isEmpty { break }
            for parcel in parcels { parcel.stream.push(parcel.event) }
            onDelivery()
        }
        state.withLock { $0.hasEnded = true }
        state.signal()
    }
}
