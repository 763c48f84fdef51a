import Glibc

/// A stream that was open when the process started.
enum StandardStream: Int32 {
    case output = 1
    case error = 2
}

/// Writes all of `text` at once and unbuffered: a line on standard output is seen when it is written.
func write(_ text: String, to stream: StandardStream) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes { bytes in
            Glibc.write(stream.rawValue, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        }
        guard count > 0 || errno == EINTR else { return }
        written += max(0, count)
    }
}
