import Foundation
import Testing
import TestSupport
import HTTP
@testable import Server

@Suite struct `Keys` {
    private static let server = Result {
        try TestServer(.socket) { options in
            _ = options.keys.insert("sk-first")
            _ = options.keys.insert("sk-second")
        }
    }

    private func status(
        _ path: String, _ authorization: String?, method: String = "GET"
    ) throws -> RawResponse {
        try Self.server.get().send(
            method, path, headers: authorization.map { "Authorization: \($0)\r\n" } ?? "")
    }

    @Test(arguments: ["Bearer sk-first", "Bearer sk-second", "bearer sk-first", "Bearer  sk-second"])
    func `each key lets a request in`(authorization: String) throws {
        #expect(try status("/v1/models", authorization).status == 200)
    }

    @Test(arguments: [
        nil, "", "sk-first", "Basic sk-first", "Bearer", "Bearer ", "Bearer sk-firs", "Bearer sk-firstx",
        "Bearer SK-FIRST", "Bearer sk-first sk-second", "Bearer sk-first,sk-second",
        "Bearer \(String(repeating: "k", count: 5_000))",
    ])
    func `anything else is 401, and is not said back`(authorization: String?) throws {
        let response = try status("/v1/models", authorization)
        #expect(response.status == 401)
        #expect(response.headers["www-authenticate"] == "Bearer")
        #expect(response.error["type"] as? String == "invalid_request_error")
        #expect(response.error["code"] as? String == "invalid_api_key")
        #expect(!response.text.contains("sk-"))
        #expect(!response.text.contains("kkkk"))
    }

    @Test(arguments: ["/metrics", "/admin/routing", "/v1/nothing", "/v1/chat/completions", "/"])
    func `every path wants a key`(path: String) throws {
        #expect(try status(path, nil).status == 401)
        #expect(try status(path, nil, method: "POST").status == 401)
        #expect(try status(path, nil, method: "OPTIONS").status == 401)
        #expect(try status(path, "Bearer sk-first").status != 401)
    }

    @Test func `whether the server lives is no secret`() throws {
        #expect(try status("/health", nil).status == 200)
        #expect(try status("/health", "Bearer wrong").status == 200)
        let client = try Self.server.get().connect()
        client.send("HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(String(decoding: client.readToEnd(), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
    }

    @Test func `printing keys does not reveal them`() {
        var options = ServerOptions()
        _ = options.keys.insert("sk-first")
        #expect(!"\(options)".contains("sk-first"))
        #expect(!"\(options)".contains("115, 107"))
    }
}

@Suite struct `Web pages` {
    private static let server = Result {
        try TestServer(.socket) { options in
            options.http.crossOrigin.origins = ["https://a.example", "http://localhost:3000"]
            options.http.maximumBody = 10_000
            _ = options.keys.insert("key")
        }
    }

    private static let key = "Authorization: Bearer key\r\n"

    @Test func `a preflight is answered without a key`() throws {
        let response = try Self.server.get().send(
            "OPTIONS", "/v1/chat/completions",
            headers:
                "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization,content-type,x-stainless-os\r\n"
        )
        #expect(response.status == 204)
        #expect(response.headers["access-control-allow-origin"] == "https://a.example")
        #expect(response.headers["access-control-allow-methods"] == "POST")
        #expect(
            response.headers["access-control-allow-headers"] == "authorization,content-type,x-stainless-os")
        #expect(response.headers["access-control-max-age"] == "600")
        #expect(response.headers["vary"] == "Origin")
    }

    @Test func `a stranger's preflight is answered with no permission`() throws {
        let response = try Self.server.get().send(
            "OPTIONS", "/v1/models",
            headers: "Origin: https://b.example\r\nAccess-Control-Request-Method: GET\r\n")
        #expect(response.status == 204)
        #expect(!response.headers.keys.contains { $0.hasPrefix("access-control-") })
        #expect(response.headers["vary"] == "Origin")
    }

    @Test(arguments: [
        ("GET", "/v1/models", key, 200), ("GET", "/health", "", 200), ("GET", "/v1/models", "", 401),
        ("GET", "/v1/nothing", key, 404), ("GET", "/v1/completions", key, 405),
        ("POST", "/v1/completions", key + "Content-Length: 99999\r\n", 413),
        ("POST", "/v1/completions", key, 400),
    ])
    func `every answer may be read, errors too`(
        method: String, path: String, headers: String, status: Int
    ) throws {
        let client = try Self.server.get().connect()
        client.send(
            "\(method) \(path) HTTP/1.1\r\nHost: x\r\nOrigin: http://localhost:3000\r\n\(headers)\r\n")
        let response = try client.response()
        #expect(response.status == status)
        #expect(response.headers["access-control-allow-origin"] == "http://localhost:3000")
        #expect(response.headers["access-control-expose-headers"]?.contains("x-request-id") == true)
    }

    @Test func `streams may be read`() throws {
        let response = try Self.server.get().send(
            "POST", "/v1/chat/completions", chat(#""stream":true"#),
            headers: Self.key + "Origin: https://a.example\r\n")
        #expect(response.headers["content-type"]?.hasPrefix("text/event-stream") == true)
        #expect(response.headers["access-control-allow-origin"] == "https://a.example")
    }

    @Test func `a star is every origin`() throws {
        let server = try TestServer(.socket) { $0.http.crossOrigin.origins = ["*"] }
        #expect(
            try server.send("GET", "/health", headers: "Origin: null\r\n").headers[
                "access-control-allow-origin"]
                == "*")
        #expect(try server.send("GET", "/health").headers["access-control-allow-origin"] == nil)
    }

    @Test func `no web page may read responses by default`() throws {
        let server = try TestServer(.socket)
        let response = try server.send("GET", "/health", headers: "Origin: https://a.example\r\n")
        #expect(response.headers["vary"] == nil)
        #expect(!response.headers.keys.contains { $0.hasPrefix("access-control-") })
    }
}
