import Foundation
import Glibc

/// A response as it came.
public struct RawResponse: Sendable {
    public let status: Int
    /// By name in lower case.
    public let headers: [String: String]
    public let body: [UInt8]

    public init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object.
    public var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    /// The text of a chat completion's first choice.
    public var content: String? {
        let choice = (json["choices"] as? [[String: Any]])?.first
        return (choice?["message"] as? [String: Any])?["content"] as? String
    }

    /// The `error` object.
    public var error: [String: Any] { json["error"] as? [String: Any] ?? [:] }
}

public struct ConnectionClosed: Error {}

/// HTTP over a bare socket: it can send what no client library would.
public final class RawClient {
    public let socket: Int32
    private var buffer: [UInt8] = []

    /// `receiveBuffer`: bytes that the kernel takes in before the client reads; `nil`: as it likes.
    public init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard status == 0 else { throw ConnectionClosed() }
    }

    deinit { Glibc.close(socket) }

    public static func request(
        _ method: String, _ path: String, body: String = "", headers: String = ""
    ) -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
    }

    public func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Closes the connection with a reset, as a killed client does.
    public func abort() {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Ends the sending side, as closing does, without the reset that answers what is sent to a closed socket.
    public func hangUp() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Reads until the peer closes.
    public func readToEnd() -> [UInt8] {
        while fill() {}
        defer { buffer = [] }
        return buffer
    }

    /// Reads until `text` has come.
    public func read(until text: String) throws {
        while String(decoding: buffer, as: UTF8.self).range(of: text) == nil {
            guard fill() else { throw ConnectionClosed() }
        }
    }

    /// The next response, whole.
    public func response() throws -> RawResponse {
        let end = Array("\r\n\r\n".utf8)
        var head = buffer.firstIndex(of: end)
        while head == nil {
            guard fill() else { throw ConnectionClosed() }
            head = buffer.firstIndex(of: end)
        }
        let lines = String(decoding: buffer[..<(head ?? 0)], as: UTF8.self).components(separatedBy: "\r\n")
        buffer.removeFirst((head ?? 0) + 4)
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.last?.trimmingCharacters(in: .whitespaces)
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        if headers["transfer-encoding"] == "chunked" {
            return RawResponse(status: status, headers: headers, body: try chunks())
        }
        let length = Int(headers["content-length"] ?? "0") ?? 0
        while buffer.count < length { guard fill() else { throw ConnectionClosed() } }
        defer { buffer.removeFirst(length) }
        return RawResponse(status: status, headers: headers, body: Array(buffer[..<length]))
    }

    private func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        let newline = Array("\r\n".utf8)
        while true {
            while buffer.firstIndex(of: newline) == nil { guard fill() else { throw ConnectionClosed() } }
            let end = buffer.firstIndex(of: newline) ?? 0
            let size = Int(String(decoding: buffer[..<end], as: UTF8.self), radix: 16) ?? 0
            while buffer.count < end + size + 4 { guard fill() else { throw ConnectionClosed() } }
            body += buffer[(end + 2)..<(end + 2 + size)]
            buffer.removeFirst(end + size + 4)
            if size == 0 { return body }
        }
    }

    private func fill() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        buffer += bytes[..<count]
        return true
    }
}

extension [UInt8] {
    fileprivate func firstIndex(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return (0...count - pattern.count).first { self[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
