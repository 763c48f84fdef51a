import Glibc

/// A TCP socket that listens on a host's address.
struct ListeningSocket {
    let descriptor: Int32
    let port: UInt16
    /// Whether only this machine can reach it.
    let isLoopback: Bool

    /// - Throws: if it cannot listen there; the error says what to do.
    init(host: String, port: UInt16) throws(ListenError) {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let address = found else {
            throw ListenError(
                "'\(host)' is not an address of this machine; try 127.0.0.1 or 0.0.0.0")
        }
        defer { freeaddrinfo(found) }
        let info = address.pointee
        descriptor = socket(info.ai_family, info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), info.ai_protocol)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard descriptor >= 0, bind(descriptor, info.ai_addr, info.ai_addrlen) == 0,
            listen(descriptor, 1024) == 0
        else {
            let reason = String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw ListenError(
                "cannot listen on \(host) port \(port): \(reason); try another --port")
        }
        self.port = Self.port(of: descriptor)
        isLoopback = Self.isLoopback(info)
    }

    private static func isLoopback(_ info: addrinfo) -> Bool {
        guard let address = info.ai_addr else { return false }
        switch info.ai_family {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr) >> 24 == 127
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { six in
                withUnsafeBytes(of: six.pointee.sin6_addr) {
                    $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1
                }
            }
        default: return false
        }
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            getsockname(descriptor, base.assumingMemoryBound(to: sockaddr.self), &length)
            // In both families the port follows the family, in network byte order.
            return UInt16(bigEndian: base.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }
}
