import Foundation
import HTTP
import TestSupport
import Threads
@testable import Server

/// Collects the answer to a request that came over no socket.
final class RecordedAnswer: AnswerSink {
    private struct State {
        var head: HTTPResponse?
        var body: [UInt8] = []
        var isComplete = false
        var onExpiry: (@Sendable (Duration) -> Void)?
    }

    private let state = Locked(State())

    private func change(_ body: (inout State) -> Void) {
        state.withLock { if !$0.isComplete { body(&$0) } }
        state.signal()
    }

    func respond(_ response: HTTPResponse) {
        change { state in
            guard state.head == nil else { return }
            state.head = response
            state.body = response.body
            state.isComplete = true
        }
    }

    func beginStream(status: Int, headers: [(name: String, value: String)]) {
        change { $0.head = $0.head ?? HTTPResponse(status: status, headers: headers) }
    }

    func write(_ bytes: [UInt8], knownSince since: ContinuousClock.Instant?) {
        change { $0.body += bytes }
    }

    func finish() {
        change { $0.isComplete = true }
    }

    func flush() {}

    /// Nothing is sent.
    func onSent(_ body: @escaping @Sendable ([Duration]) -> Void) {}

    /// Nobody leaves.
    func onCancel(_ body: @escaping @Sendable () -> Void) {}

    func onExpiry(_ body: @escaping @Sendable (Duration) -> Void) {
        change { $0.onExpiry = body }
    }

    func expire(after time: Duration) {
        state.withLock { $0.onExpiry }?(time)
    }

    /// Waits for the whole answer.
    func complete() -> HTTPResponse {
        state.wait {
            $0.isComplete
        } then: { state in
            var whole = state.head ?? HTTPResponse(status: 0)
            whole.body = state.body
            return whole
        }
    }
}

extension Router {
    /// One request and its whole answer, as the HTTP daemon would ask for it.
    ///
    /// `headers`: each with its line's end.
    func answer(
        _ method: String, _ target: String, _ body: [UInt8], headers: String, maximumBody: Int
    ) -> RawResponse {
        let url = URLComponents(string: target)
        let lines = headers.components(separatedBy: "\r\n").compactMap { line in
            line.firstIndex(of: ":").map { colon in
                (
                    line[..<colon].lowercased(),
                    line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                )
            }
        }
        let head = HTTPHead(
            method: method, path: url?.path ?? target,
            query: Dictionary(
                (url?.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 }),
            headers: Dictionary(lines, uniquingKeysWith: { first, _ in first }))
        let id = "req-memory-\(UInt32.random(in: 0...UInt32.max))"
        return RawResponse(response(to: head, body, id: id, maximumBody: maximumBody), id: id)
    }

    private func response(
        to head: HTTPHead, _ body: [UInt8], id: String, maximumBody: Int
    ) -> HTTPResponse {
        switch verdict(on: head) {
        case .answer(let response): return response
        case .read(let most):
            let limit = min(most, maximumBody)
            guard body.count <= limit else { return APIError.bodyTooLarge(limit: limit).response }
            let answer = RecordedAnswer()
            respond(to: HTTPRequest(head: head, body: body, id: id, arrival: .now), answer)
            return answer.complete()
        }
    }
}

extension RawResponse {
    fileprivate init(_ response: HTTPResponse, id: String) {
        let headers = response.headers.map { ($0.name.lowercased(), $0.value) } + [("x-request-id", id)]
        self.init(
            status: response.status, headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }),
            body: response.body)
    }
}
