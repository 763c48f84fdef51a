import Glibc
import Synchronization

/// SIGINT and SIGTERM as something to wait for: the first asks to stop, the second ends the process at once.
enum TerminationSignals {
    /// Takes over both signals, and ignores SIGPIPE: a client that hangs up is no reason to end.
    static func install() {
        _ = pipeEnds
        signal(SIGPIPE, SIG_IGN)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in handle(number) }
        action.sa_flags = SA_RESTART
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }

    /// Waits for the first of them, or for `wake`; returns the signal's number, `nil` for `wake`.
    static func wait() -> Int32? {
        var number: UInt8 = 0
        while read(pipeEnds.read, &number, 1) != 1 {}
        return number == 0 ? nil : Int32(number)
    }

    /// Ends one `wait`.
    static func wake() {
        var byte: UInt8 = 0
        _ = write(pipeEnds.write, &byte, 1)
    }
}

// Waiting with `sigwait` would need both signals blocked in every thread, and OpenBLAS starts its own before
// `main`.

private let pipeEnds: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    return (ends[0], ends[1])
}()

private let arrivals = Atomic(0)

/// Does only what a signal handler may.
private func handle(_ number: Int32) {
    if arrivals.add(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
    let before = errno
    var byte = UInt8(truncatingIfNeeded: number)
    _ = write(pipeEnds.write, &byte, 1)
    errno = before
}
