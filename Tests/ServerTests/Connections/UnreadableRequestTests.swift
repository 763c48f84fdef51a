import Foundation
import HTTP
import Testing
import TestSupport
@testable import Server

@Suite struct `Unreadable requests` {
    private static let server = Result { try TestServer(.socket) { $0.http.crossOrigin.origins = ["*"] } }
    private static let post = "POST /v1/completions HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\n"
    private static let long = String(repeating: "a", count: 200_000)

    /// What to send, the status that answers it and the error's code.
    static let cases: [(String, Int, String)] = [
        ("GET /health\r\n\r\n", 400, "malformed_request"),
        ("GET /health FOO/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"),
        ("GET /health HTTP/1.1\r\nHost: x\r\nnocolon\r\n\r\n", 400, "malformed_request"),
        ("GET /health HTTP/0.9\r\nHost: x\r\n\r\n", 505, "http_version_not_supported"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"),
        ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", 414, "url_too_long"),
        ("GET /health HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n", 431, "headers_too_large"),
        (post + "Transfer-Encoding: gzip\r\n\r\n", 501, "transfer_encoding_not_supported"),
        (post + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n", 400, "malformed_request"),
        (post + "Transfer-Encoding: chunked\r\n\r\n2\r\nhixx0\r\n\r\n", 400, "malformed_request"),
        (post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffffff\r\nhi", 413, "request_too_large"),
        (
            post + "Transfer-Encoding: chunked\r\n\r\n\(long.replacing("a", with: "0"))", 400,
            "malformed_request"
        ),
        (
            post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: \(long)\r\n\r\n", 431,
            "headers_too_large"
        ),
    ]

    @Test(arguments: cases)
    func `HTTP that cannot be read is refused as anything else is`(
        text: String, status: Int, code: String
    ) throws {
        let client = try Self.server.get().connect()
        client.send(text)
        let response = try client.response()
        #expect(response.status == status)
        #expect(response.headers["content-type"] == "application/json")
        #expect(response.headers["x-request-id"]?.hasPrefix("req-") == true)
        #expect(response.headers["connection"]?.lowercased() == "close")
        #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
        #expect(response.error["code"] as? String == code)
        #expect(!client.readToEnd().contains(UInt8(ascii: "<")))
    }

    @Test(arguments: [("-5", 400), ("many", 400), ("99999999999999999999999", 413)])
    func `an invalid Content-Length is answered with its status`(length: String, status: Int) throws {
        let client = try Self.server.get().connect()
        client.send(Self.post + "Content-Length: \(length)\r\n\r\n")
        let response = try client.response()
        #expect(response.status == status && response.body.isEmpty)
        #expect(!client.readToEnd().contains(UInt8(ascii: "<")))
    }

    @Test func `a page may read why, once its headers have come`() throws {
        let client = try Self.server.get().connect()
        client.send(Self.post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        #expect(try client.response().headers["access-control-allow-origin"] == "*")
    }

    @Test(arguments: ["\u{1}\u{2}\u{3}\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n"])
    func `an invalid request line closes the connection`(text: String) throws {
        let client = try Self.server.get().connect()
        client.send(text)
        #expect(client.readToEnd().isEmpty)
    }
}
