import CScheduling
import Glibc

/// How the scheduler treats a thread.
public enum Urgency: Sendable {
    case ordinary
    /// For long computations: short tasks of other threads run first. Its share of the processors stays the same.
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
            // If the kernel refuses, only latency suffers.
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

/// Nanoseconds; Linux's default slices are 0.7 to 2.8 ms.
///
/// A waking thread with a shorter slice preempts this one at once, unless it has used up its share.
private let patientTimeSlice: UInt64 = 4_000_000
