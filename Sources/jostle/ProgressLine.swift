import Glibc
import Threads

/// A line on standard error that shows how far a long command is; nothing unless that is a terminal.
final class ProgressLine: Sendable {
    private static let width = 30

    private struct State {
        var stage = ""
        var percent = -1
        var start = ContinuousClock.now
    }

    private let isTerminal = isatty(StandardStream.error.rawValue) == 1
    private let state = Locked(State())

    /// Shows that `share` of a stage is done, and how long the rest of it takes.
    func show(_ stage: String, _ share: Double) {
        guard isTerminal else { return }
        let percent = Int(100 * share)
        let line: String? = state.withLock { state in
            if state.stage != stage { state = State(stage: stage) }
            guard percent != state.percent else { return nil }
            state.percent = percent
            let done = Int(Double(Self.width) * share)
            let bar = String(repeating: "#", count: done) + String(repeating: ".", count: Self.width - done)
            let elapsed = (ContinuousClock.now - state.start).seconds
            let left = share > 0.05 ? ", \(Int((elapsed / share * (1 - share)).rounded(.up))) s left" : ""
            return "\r\u{1B}[K\(stage)  [\(bar)] \(percent) %\(left)"
        }
        if let line { write(line, to: .error) }
    }

    /// Removes the line.
    func clear() {
        if isTerminal { write("\r\u{1B}[K", to: .error) }
    }
}
