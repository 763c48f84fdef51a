import Dispatch
import Threads

extension HTTPExchange {
    /// Gives the request so many seconds and no more, if it has not less already; `nil`: as many as it takes.
    public func limit(toSeconds seconds: Double?) {
        guard let seconds else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
            self?.expire(after: .seconds(seconds))
        }
    }
}
