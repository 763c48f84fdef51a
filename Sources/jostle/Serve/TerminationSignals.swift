import Glibc
import Synchronization

/// Lets the server wait for SIGINT or SIGTERM.
///
/// A second signal ends the process at once.
enum TerminationSignals {
    /// Handles both signals, and ignores SIGPIPE, which a closed connection would raise.
    static func install() {
        _ = pipeEnds
        signal(SIGPIPE, SIG_IGN)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in handle(number) }
        action.sa_flags = SA_RESTART
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    /// Waits for a signal and returns its number, or for `wake` and returns `nil`.
    static func wait() -> Int32? {
        var number: UInt8 = 0
        while read(pipeEnds.read, &number, 1) != 1 {}
        return number == 0 ? nil : Int32(number)
    }

    /// Ends one call of `wait`.
    static func wake() {
        var byte: UInt8 = 0
        _ = write(pipeEnds.write, &byte, 1)
    }
}

// `sigwait` would need both signals blocked in every thread, but OpenBLAS starts threads before `main`.

private let pipeEnds: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    return (ends[0], ends[1])
}()

private let arrivals = Atomic(0)

/// Uses async-signal-safe functions only.
private func handle(_ number: Int32) {
    if arrivals.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(pipeEnds.write, &byte, 1)
    errno = before
}
