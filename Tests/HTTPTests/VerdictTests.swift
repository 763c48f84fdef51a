import Foundation
import HTTP
import TestSupport
import Testing
import Threads

@Suite struct `Verdicts on a request's head` {
    /// Reads at most 10 bytes of a body, says the body back, and refuses `/no`.
    private final class Echo: HTTPResponder {
        let bodies = Locked<[Int]>([])

        func verdict(on head: HTTPHead) -> HTTPVerdict {
            head.path == "/no"
                ? .answer(HTTPResponse(status: 403, body: Array("no".utf8))) : .read(upTo: 10)
        }

        func respond(to request: HTTPRequest, _ exchange: any AnswerSink) {
            bodies.withLock { $0.append(request.body.count) }
            exchange.respond(HTTPResponse(status: 200, body: request.body))
        }
    }

    private final class EchoServer {
        let echo = Echo()
        let daemon: HTTPDaemon

        init() throws {
            var options = HTTPOptions()
            options.port = 0
            daemon = try HTTPDaemon(options, responder: echo)
        }

        deinit { daemon.stop(deadline: .zero) }

        func connect() throws -> RawClient { try RawClient(port: daemon.port) }
    }

    private static let expecting = "Host: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"

    @Test(arguments: ["POST", "PUT", "DELETE", "BREW"])
    func `a refusal comes before the body is asked for, and closes the connection`(method: String) throws {
        let server = try EchoServer()
        let client = try server.connect()
        client.send("\(method) /no HTTP/1.1\r\n" + Self.expecting)
        let response = try client.response()
        #expect(response.status == 403)
        #expect(response.text == "no")
        #expect(response.headers["connection"]?.lowercased() == "close")
        #expect(client.readToEnd().isEmpty)
        #expect(server.echo.bodies.withLock { $0 }.isEmpty)
    }

    @Test func `a request that is let in is asked for its body`() throws {
        let server = try EchoServer()
        let client = try server.connect()
        client.send("POST /yes HTTP/1.1\r\n" + Self.expecting)
        try client.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("body")
        #expect(try client.response().status == 100)
        #expect(try client.response().text == "body")
    }

    @Test func `a refused request without a body leaves the connection open`() throws {
        let server = try EchoServer()
        let client = try server.connect()
        client.send("GET /no HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.response().status == 403)
        client.send(RawClient.request("POST", "/yes", body: "body"))
        #expect(try client.response().text == "body")
    }

    @Test func `a body is read up to the verdict's limit, with a length or in chunks`() throws {
        let server = try EchoServer()
        let texts = [
            RawClient.request("POST", "/yes", body: "0123456789"),
            "POST /yes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
            RawClient.request("POST", "/yes", body: "0123456789a"),
            "POST /yes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n",
        ]
        let statuses = try texts.map { text in
            let client = try server.connect()
            client.send(text)
            return try client.response().status
        }
        #expect(statuses == [200, 200, 413, 413])
        #expect(server.echo.bodies.withLock { $0 } == [10, 10])
    }
}
