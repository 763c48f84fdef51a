import ArgumentParser

/// Why a command cannot do its work, and the exit status that says so.
struct CommandFailure: Error {
    /// Exit statuses of `sysexits.h`.
    enum Status: Int32 {
        /// The command line is wrong.
        case usage = 64
        /// A checkpoint cannot be served.
        case unservable = 65
        /// A file that was named is missing or cannot be read.
        case missingInput = 66
        /// The address is taken.
        case unavailable = 69
        /// A file or folder cannot be written.
        case cannotCreate = 73
        /// The environment, the configuration file or the catalogue is wrong.
        case configuration = 78
        /// Ended by SIGINT, or by SIGTERM.
        case interrupted = 130
        case terminated = 143
    }

    let status: Status
    /// What was wrong, where, and what to do.
    let message: String

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Runs a command; a failure is told on standard error, and becomes the exit status.
    static func reporting(_ body: () throws(CommandFailure) -> Void) throws(ExitCode) {
        do throws(CommandFailure) {
            try body()
        } catch {
            write("jostle: \(error.message)\n", to: .error)
            throw ExitCode(error.status.rawValue)
        }
    }
}
