import Engine
import Foundation
import HTTP
import Logging
import TestSupport
@testable import Server

/// A service on a free port of this machine, for one test.
final class TestServer: Sendable {
    let service: Service

    init(_ change: (inout ServerOptions) -> Void = { _ in }) throws {
        var options = ServerOptions()
        options.models = Checkpoints.folder("catalog.yaml")
        options.http.port = 0
        options.engine.maximumRunning = 8
        change(&options)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        service = try Service(options, logger: logger)
        try service.start()
    }

    deinit { service.stop(deadline: .zero) }

    /// A new connection.
    func connect(receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(port: service.port, receiveBuffer: receiveBuffer)
    }

    /// One request over a connection of its own.
    ///
    /// `headers`: each with its line's end.
    func send(
        _ method: String, _ path: String, _ body: String = "", headers: String = ""
    ) throws -> RawResponse {
        let client = try connect()
        client.send(RawClient.request(method, path, body: body, headers: headers))
        return try client.response()
    }

    /// The value of a sample of `/metrics`.
    func metric(_ sample: String) throws -> Double? {
        let page = try send("GET", "/metrics").text
        let line = page.split(separator: "\n").first { $0.hasPrefix(sample + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }
    }

    /// Polls until `condition` holds; `false` after ten seconds.
    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let end = ContinuousClock.now + .seconds(10)
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
