import CErrorPages
import CMicroHTTPD

/// Answers a request that libmicrohttpd could not parse; replaces its HTML pages.
let errorPage: error_page = { connection, status in
    // libmicrohttpd has one 500: for a chunk whose head does not end.
    if status.pointee == 500 { status.pointee = 400 }
    let daemon = shim_MHD_socket_context(connection).map {
        Unmanaged<HTTPDaemon.Context>.fromOpaque($0).takeUnretainedValue()
    }
    let code = Int(status.pointee)
    var response = daemon?.describe(.unreadable(status: code)) ?? HTTPResponse(status: code)
    if let length = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Length"),
        UInt64(String(cString: length)) == nil
    {
        // libmicrohttpd 0.9.75 sends the head twice here. Without a body, the client reads the first one as a whole answer.
        response = HTTPResponse(status: response.status)
    }
    if let daemon {
        let origin = MHD_lookup_connection_value(connection, .HEADER_KIND, "Origin")
        let id = daemon.nextID()
        daemon.refusals.record(response, of: id)
        response.headers.append(("x-request-id", id))
        response.headers += daemon.options.crossOrigin.headers(for: origin.map { String(cString: $0) })
    }
    return response.libraryResponse
}

extension HTTPResponse {
    /// As libmicrohttpd's own type; whoever queues it destroys it.
    var libraryResponse: OpaquePointer? {
        let made = body.withUnsafeBytes { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made else { return nil }
        for (name, value) in headers { _ = MHD_add_response_header(made, name, value) }
        return made
    }
}
