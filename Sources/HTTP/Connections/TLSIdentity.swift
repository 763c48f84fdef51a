/// A certificate and its private key, with which the daemon proves who it is.
public struct TLSIdentity: Sendable {
    let certificate: String
    let key: String

    /// Of PEM texts; the certificate may be followed by those that vouch for it.
    ///
    /// - Throws: what a text lacks. Whether the two belong together shows when the daemon starts.
    public init(certificate: String, key: String) throws(ListenError) {
        guard certificate.contains("-----BEGIN CERTIFICATE-----") else {
            throw ListenError(
                "the certificate holds no '-----BEGIN CERTIFICATE-----': PEM is needed", isAddress: false)
        }
        guard key.contains("PRIVATE KEY-----") else {
            throw ListenError(
                "the key holds no '-----BEGIN PRIVATE KEY-----': PEM is needed", isAddress: false)
        }
        guard !key.contains("ENCRYPTED") else {
            throw ListenError(
                "the key is encrypted; 'openssl pkey -in KEY' writes it without its password",
                isAddress: false)
        }
        self.certificate = certificate
        self.key = key
    }
}

/// A C string that lives until nobody refers to it.
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
