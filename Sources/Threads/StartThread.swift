import CScheduling
import Glibc

/// How soon a thread is to run once it has something to do.
public enum Urgency: Sendable {
    case ordinary
    /// It computes for long, and lets whoever has little to do go first. Its share of the processors stays the same.
    case patient
}

/// Runs `body` on a new detached thread.
public func startThread(_ urgency: Urgency = .ordinary, _ body: @escaping @Sendable () -> Void) {
    final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let work = Unmanaged.passRetained(
        Work {
            // Where the kernel will not have it, nothing but that is lost.
            if urgency == .patient { _ = shim_set_time_slice(patientTimeSlice) }
            body()
        })
    let status = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
    precondition(status == 0, "the system has no thread left")
    pthread_detach(thread)
}

/// In nanoseconds: more than the 0.7 to 2.8 ms that Linux gives by itself.
///
/// Whoever wakes with a shorter slice runs at once; but one that has had its share waits for the slice to end.
private let patientTimeSlice: UInt64 = 4_000_000
