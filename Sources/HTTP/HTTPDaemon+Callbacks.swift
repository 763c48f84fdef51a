import CErrorPages
import CMicroHTTPD
import Threads

// The functions that libmicrohttpd calls, all on its own thread. They are at file scope because a closure made on the
// main actor would trap on that thread.

/// Called when the head has arrived, for each part of the body, when the request is complete, and each time a suspended
/// connection is resumed.
let answerConnection: MHD_AccessHandlerCallback = { context, connection, url, method, _, data, size, slot in
    guard let context, let connection, let size, let slot else { return .NO }
    let daemon = Unmanaged<HTTPDaemon.Context>.fromOpaque(context).takeUnretainedValue()
    guard let known = slot.pointee else {
        let exchange = HTTPExchange(
            connection: connection, id: daemon.nextID(), resumptions: daemon.resumptions,
            refusals: daemon.refusals,
            maximumUnread: daemon.options.maximumUnread)
        slot.pointee = Unmanaged.passRetained(exchange).toOpaque()
        daemon.watch.headArrived(exchange.socket)
        let head = HTTPHead(connection, url: url, method: method)
        exchange.begin(head, crossOrigin: daemon.options.crossOrigin)
        return exchange.judge(head, connection, in: daemon)
    }
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeUnretainedValue()
    if size.pointee > 0 {
        exchange.receive(
            UnsafeRawBufferPointer(start: data, count: size.pointee), in: daemon)
        size.pointee = 0
        return .YES
    }
    daemon.resumptions.resumeAll()
    daemon.dispatch(exchange)
    return exchange.answer(connection)
}

/// The request has ended, whether it was answered or not.
let requestCompleted: MHD_RequestCompletedCallback = { _, _, slot, reason in
    guard let slot, let known = slot.pointee else { return }
    slot.pointee = nil
    let exchange = Unmanaged<HTTPExchange>.fromOpaque(known).takeRetainedValue()
    exchange.resumptions.resumeAll()
    if reason != .REQUEST_TERMINATED_COMPLETED_OK { exchange.cancel() }
    exchange.forget()
}

/// A connection was opened or is about to be closed.
let connectionChanged: MHD_NotifyConnectionCallback = { context, connection, slot, event in
    guard let context, let connection else { return }
    let daemon = Unmanaged<HTTPDaemon.Context>.fromOpaque(context).takeUnretainedValue()
    let socket = shim_MHD_socket(connection)
    if event == .CONNECTION_NOTIFY_STARTED {
        slot?.pointee = context
        daemon.watch.connectionOpened(socket)
    } else {
        daemon.watch.connectionClosed(socket)
    }
}

/// Gives libmicrohttpd the next bytes of a stream; suspends the connection if there are none yet.
private let readStream: MHD_ContentReaderCallback = { context, _, buffer, capacity in
    guard let context, let buffer else { return -2 }
    return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().read(
        into: buffer, capacity: capacity)
}

private let releaseStream: MHD_ContentReaderFreeCallback = { context in
    if let context { Unmanaged<HTTPExchange>.fromOpaque(context).release() }
}

extension HTTPDaemon.Context {
    fileprivate func verdict(on head: HTTPHead) -> HTTPVerdict {
        isStopping.withLock { $0 } ? .answer(describe(.stopping)) : responder.verdict(on: head)
    }

    /// Hands a whole request to the responder, once.
    func dispatch(_ exchange: HTTPExchange) {
        let incoming = exchange.state.withLock { state -> IncomingRequest? in
            guard !state.isDispatched else { return nil }
            state.isDispatched = true
            return state.request
        }
        guard let incoming else { return }
        if let answer = incoming.answer { return exchange.respond(answer) }
        live.withLock { $0[ObjectIdentifier(exchange)] = exchange }
        let ticket = watch.add(exchange)
        exchange.over.withLock { over in
            over = { [self, unowned exchange] in
                watch.remove(ticket)
                live.withLock { $0[ObjectIdentifier(exchange)] = nil }
            }
        }
        if isStopping.withLock({ $0 }) { return exchange.respond(describe(.stopping)) }
        responder.respond(
            to: HTTPRequest(head: incoming.head, body: incoming.body, id: exchange.id, arrival: .now),
            exchange)
    }
}

extension HTTPHead {
    fileprivate init(_ connection: OpaquePointer, url: UnsafePointer<CChar>?, method: UnsafePointer<CChar>?) {
        self.init(
            method: method.map { String(cString: $0) } ?? "", path: url.map { String(cString: $0) } ?? "/",
            query: Self.values(connection, .GET_ARGUMENT_KIND, lowercasingNames: false),
            headers: Self.values(connection, .HEADER_KIND, lowercasingNames: true))
    }

    private static func values(
        _ connection: OpaquePointer, _ kind: MHD_ValueKind, lowercasingNames: Bool
    ) -> [String: String] {
        var values: [String: String] = [:]
        withUnsafeMutablePointer(to: &values) { pointer in
            _ = MHD_get_connection_values(
                connection, kind,
                { context, _, name, value in
                    guard let context, let name else { return .YES }
                    let values = context.assumingMemoryBound(to: [String: String].self)
                    values.pointee[String(cString: name)] = value.map { String(cString: $0) } ?? ""
                    return .YES
                }, pointer)
        }
        guard lowercasingNames else { return values }
        return Dictionary(
            values.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}

extension HTTPExchange {
    /// The head of the request has arrived.
    fileprivate func begin(_ head: HTTPHead, crossOrigin: CrossOriginRule) {
        let headers = [("x-request-id", id)] + crossOrigin.headers(for: head.headers["origin"])
        state.withLock { state in
            state.request.head = head
            state.commonHeaders = headers
        }
    }

    /// Answers at once, or lets the body be read.
    fileprivate func judge(
        _ head: HTTPHead, _ connection: OpaquePointer, in daemon: HTTPDaemon.Context
    ) -> MHD_Result {
        if let coding = head.headers["transfer-encoding"], coding.lowercased() != "chunked" {
            return refuse(daemon.describe(.unreadable(status: 501)), on: connection)
        }
        let length = head.headers["content-length"].flatMap { Int($0) } ?? 0
        let hasBody = length > 0 || head.headers["transfer-encoding"] != nil
        switch daemon.verdict(on: head) {
        case .answer(let response):
            if hasBody { return refuse(response, on: connection) }
            state.withLock { $0.request.answer = response }
            return .YES
        case .read(let most):
            let limit = min(most, daemon.options.maximumBody)
            guard length <= limit else {
                return refuse(daemon.describe(.bodyTooLarge(limit: limit)), on: connection)
            }
            state.withLock { $0.request.maximumBody = limit }
            return .YES
        }
    }

    /// Answers in place of reading a body.
    ///
    /// libmicrohttpd then sends no `100 Continue`, and closes the connection after the answer. It does so even for a request
    /// that has no body, which is why those are answered with the next callback.
    private func refuse(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        refusals.record(response, of: id)
        return queue(response, on: connection)
    }

    /// Takes a part of the body.
    ///
    /// Counts bytes, because a chunked body does not state its length.
    fileprivate func receive(_ bytes: UnsafeRawBufferPointer, in daemon: HTTPDaemon.Context) {
        state.withLock { state in
            guard state.request.answer == nil else { return }
            let limit = state.request.maximumBody
            if state.request.body.count + bytes.count > limit {
                state.request.body = []
                state.request.answer = daemon.describe(.bodyTooLarge(limit: limit))
            } else {
                state.request.body.append(contentsOf: bytes)
            }
        }
    }

    /// Queues the answer; suspends the connection if there is none yet.
    fileprivate func answer(_ connection: OpaquePointer) -> MHD_Result {
        enum Next { case wait, abort, whole(HTTPResponse), stream(HTTPResponse) }
        let next = state.withLock { state -> Next in
            if state.isCancelled { return .abort }
            switch state.answer {
            case .none:
                suspend(&state)
                return .wait
            case .whole(let response): return .whole(response)
            case .stream(let head): return .stream(head)
            }
        }
        switch next {
        case .wait: return .YES
        case .abort: return .NO
        case .whole(let response): return queue(response, on: connection)
        case .stream(let head):
            let context = Unmanaged.passRetained(self).toOpaque()
            guard
                let response = MHD_create_response_from_callback(
                    UInt64.max, 16 << 10, readStream, context, releaseStream)
            else {
                Unmanaged<HTTPExchange>.fromOpaque(context).release()
                return .NO
            }
            for (name, value) in commonHeaders + head.headers {
                _ = MHD_add_response_header(response, name, value)
            }
            return queue(response, status: head.status, on: connection)
        }
    }

    private var commonHeaders: [(name: String, value: String)] { state.withLock { $0.commonHeaders } }

    private func queue(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        var whole = response
        whole.headers = commonHeaders + response.headers
        guard let made = whole.libraryResponse else { return .NO }
        return queue(made, status: response.status, on: connection)
    }

    private func queue(
        _ response: OpaquePointer, status: Int, on connection: OpaquePointer
    ) -> MHD_Result {
        defer { MHD_destroy_response(response) }
        return error_pages_queue(connection, UInt32(status), response) == 1 ? .YES : .NO
    }

    fileprivate func read(into buffer: UnsafeMutablePointer<CChar>, capacity: Int) -> Int {
        resumptions.resumeAll()
        let (count, since, report) = state.withLock { state in
            // libmicrohttpd asks for more bytes when all that it took before are in the socket.
            let since = state.pending.takeMarks()
            return (state.next(buffer, capacity, suspend), since, since.isEmpty ? nil : state.onSent)
        }
        if count <= 0 { resumptions.hasSent() }
        if let report {
            let now = ContinuousClock.now
            report(since.map { now - $0 })
        }
        return count
    }
}

extension HTTPExchange.State {
    /// Copies the next bytes of a stream; returns their number, or a code for libmicrohttpd.
    fileprivate mutating func next(
        _ buffer: UnsafeMutablePointer<CChar>, _ capacity: Int, _ suspend: (inout Self) -> Void
    ) -> Int {
        if isCancelled { return -2 }
        let count = pending.take(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
        if count > 0 { return count }
        if isFinished { return -1 }
        suspend(&self)
        return 0
    }
}
