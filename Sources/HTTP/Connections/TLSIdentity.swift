/// A certificate and its private key.
public struct TLSIdentity: Sendable {
    let certificate: String
    let key: String

    /// Both are PEM texts; the certificate may be followed by its chain.
    ///
    /// - Throws: if a text is not what it should be. Whether key and certificate match is checked when the daemon starts.
    public init(certificate: String, key: String) throws(ListenError) {
        guard certificate.contains("-----BEGIN CERTIFICATE-----") else {
            throw ListenError(
                "the certificate has no '-----BEGIN CERTIFICATE-----': it must be in PEM format",
                isAddress: false)
        }
        guard key.contains("PRIVATE KEY-----") else {
            throw ListenError(
                "the key has no '-----BEGIN PRIVATE KEY-----': it must be in PEM format", isAddress: false)
        }
        guard !key.contains("ENCRYPTED") else {
            throw ListenError(
                "the key is encrypted; decrypt it with 'openssl pkey -in KEY -out NEW'",
                isAddress: false)
        }
        self.certificate = certificate
        self.key = key
    }
}

/// A C string that lives as long as this object.
final class HeldCString: Sendable {
    nonisolated(unsafe) let pointer: UnsafeMutablePointer<CChar>

    init(_ text: String) {
        let bytes = text.utf8CString
        pointer = .allocate(capacity: bytes.count)
        bytes.withUnsafeBufferPointer {
            pointer.initialize(from: $0.baseAddress ?? UnsafePointer(pointer), count: $0.count)
        }
    }

    deinit { pointer.deallocate() }
}
