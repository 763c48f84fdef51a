import Catalog
import Engine
import Foundation
import HTTP
import Logging
import TestSupport
@testable import Server

/// How a test's requests reach the service.
enum Transport: CaseIterable {
    /// They are handed to the router, without a socket.
    case memory
    /// Over a connection to a free port of this machine.
    case socket
}

/// A service for one test.
final class TestServer: Sendable {
    let service: Service
    private let transport: Transport
    private let maximumBody: Int

    init(_ transport: Transport = .memory, _ change: (inout ServerOptions) -> Void = { _ in }) throws {
        self.transport = transport
        var options = ServerOptions()
        options.models = .catalogue(Checkpoints.folder("catalog.yaml"))
        options.http.port = 0
        options.engine.maximumRunning = 8
        change(&options)
        maximumBody = options.http.maximumBody
        var logger = Logger(label: "test")
        logger.logLevel = .error
        service = try Service(options, logger: logger)
        do {
            if transport == .socket { try service.listen() }
            try service.load()
        } catch {
            service.stop(deadline: .zero)
            throw error
        }
    }

    deinit { service.stop(deadline: .zero) }

    /// A new connection, to a server that listens.
    func connect(receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(port: service.port, receiveBuffer: receiveBuffer)
    }

    /// One request, over a connection of its own if the server listens.
    ///
    /// `headers`: each with its line's end.
    func send(
        _ method: String, _ path: String, _ body: String = "", headers: String = ""
    ) throws -> RawResponse {
        switch transport {
        case .memory:
            return service.router.answer(
                method, path, Array(body.utf8), headers: headers, maximumBody: maximumBody)
        case .socket:
            let client = try connect()
            client.send(RawClient.request(method, path, body: body, headers: headers))
            return try client.response()
        }
    }

    /// The value of a sample of `/metrics`.
    func metric(_ sample: String) throws -> Double? {
        let page = try send("GET", "/metrics").text
        let line = page.split(separator: "\n").first { $0.hasPrefix(sample + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    /// Polls until `condition` holds; `false` after half a minute.
    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if try condition() { return true }
            usleep(2_000)
        }
        return false
    }
}

/// A body for the chat endpoint of which a test says only what matters.
func chat(_ fields: String = "", model: String = "gpt-4", content: String = "Tell me a story.") -> String {
    """
    {"model":"\(model)","messages":[{"role":"user","content":"\(content)"}],"temperature":0,\
    "max_tokens":12\(fields.isEmpty ? "" : "," + fields)}
    """
}
