import Catalog
import Engine
import HTTP
import Logging
import TestSupport
import Testing
import Threads

@testable import Server

@Suite struct `Readiness` {
    /// A service that listens and has loaded nothing.
    private static func listening() throws -> Service {
        var options = ServerOptions()
        options.models = .catalogue(Checkpoints.folder("catalog.yaml"))
        options.http.port = 0
        _ = options.keys.insert("key")
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let service = try Service(options, logger: logger)
        try service.listen()
        return service
    }

    private static func send(
        _ method: String, _ path: String, _ body: String = "", key: String = "Authorization: Bearer key\r\n",
        to service: Service
    ) throws -> RawResponse {
        let client = try RawClient(port: service.port)
        client.send(RawClient.request(method, path, body: body, headers: key))
        return try client.response()
    }

    @Test func `a service that loads its models is alive, and says when to come back`() throws {
        let service = try Self.listening()
        defer { service.stop(deadline: .zero) }
        for (method, path) in [
            ("POST", "/v1/chat/completions"), ("GET", "/v1/models"), ("GET", "/admin/routing"),
        ] {
            let response = try Self.send(method, path, chat(), to: service)
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "5")
            #expect(Set(response.error.keys) == ["message", "type", "param", "code"])
            #expect(response.error["type"] as? String == "server_error")
            #expect(response.error["code"] as? String == "loading")
        }
        #expect(try Self.send("GET", "/health", key: "", to: service).status == 200)
        #expect(try Self.send("GET", "/metrics", to: service).text.contains(#"code="loading"} 3"#))
        #expect(try Self.send("GET", "/openapi.json", to: service).status == 200)
        // Who may not ask, or asks for what is not there, need not come back.
        #expect(try Self.send("POST", "/v1/chat/completions", key: "", to: service).status == 401)
        #expect(try Self.send("GET", "/v1/nothing", to: service).status == 404)
        #expect(try Self.send("GET", "/v1/completions", to: service).status == 405)
        try service.load()
        #expect(try Self.send("POST", "/v1/chat/completions", chat(), to: service).status == 200)
    }

    @Test func `it is ready when its models are loaded, and needs no key to say so`() throws {
        let service = try Self.listening()
        defer { service.stop(deadline: .zero) }
        let loading = try Self.send("GET", "/ready", key: "", to: service)
        #expect(loading.status == 503)
        #expect(loading.headers["retry-after"] == "5")
        #expect(loading.error["code"] as? String == "loading")
        try service.load()
        #expect(try Self.send("GET", "/ready", key: "", to: service).status == 200)
    }

    @Test func `it is not ready while it waits for the last answers`() throws {
        let server = try TestServer(.socket) { $0.engine.pace = Pace(perStep: .milliseconds(10)) }
        let last = try server.connect()
        let body = chat(#""stream":true,"min_tokens":400"#).replacing("12,", with: "400,")
        last.send(RawClient.request("POST", "/v1/chat/completions", body: body))
        try last.read(until: "data: ")
        let probe = try server.connect()
        func status() throws -> Int {
            probe.send(RawClient.request("GET", "/ready"))
            return try probe.response().status
        }
        #expect(try status() == 200)
        startThread { server.service.stop(deadline: .seconds(20)) }
        #expect(try server.eventually { try status() == 503 })
        last.abort()
    }

    @Test func `a service that is stopped before it has loaded has no engine left`() throws {
        let service = try Self.listening()
        service.stop(deadline: .zero)
        try service.load()
        #expect(service.models.all.isEmpty)
        #expect(throws: ConnectionClosed.self) { _ = try RawClient(port: service.port) }
    }
}
