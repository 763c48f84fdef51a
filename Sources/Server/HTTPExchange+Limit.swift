import Dispatch
import Engine

extension HTTPExchange {
    /// Gives the request so much time and no more, if it has not less already.
    func limit(to time: Duration) {
        DispatchQueue.global().asyncAfter(deadline: .now() + time.seconds) { [weak self] in
            self?.expire(after: time)
        }
    }
}
