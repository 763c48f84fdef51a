import Glibc

/// `base ** exponent`.
func raised(_ base: Double, _ exponent: Double) -> Double {
    pow(base, exponent)
}

/// The local time in the given `strftime` format, at most 4096 bytes.
func formattedTime(_ format: String, secondsSince1970: Int?) -> String {
    var seconds = secondsSince1970 ?? time(nil)
    var moment = tm()
    guard !format.isEmpty, localtime_r(&seconds, &moment) != nil else { return "" }
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = strftime(&bytes, bytes.count, format, &moment)
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
