import HTTP
import Logging

extension HTTPDaemon {
    /// A daemon for one test, on a free port if `options` say so.
    convenience init(_ options: HTTPOptions, responder: any HTTPResponder) throws(ListenError) {
        let logger = Logger(label: "test")
        try self.init(
            options, responder: responder, resumptions: ResumeQueue(), refusals: RefusalLog(logger: logger),
            logger: logger, describe: { HTTPResponse(status: $0.status) })
    }
}

extension HTTPProblem {
    fileprivate var status: Int {
        switch self {
        case .bodyTooLarge: 413
        case .unreadable(let status): status
        case .stopping: 503
        }
    }
}
