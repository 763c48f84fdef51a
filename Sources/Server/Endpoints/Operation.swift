import HTTP

extension Service {
    /// The server's version, as `jostle --version` and `GET /version` say it.
    public static let version = "0.1.0"

    /// Answers `GET /version`.
    func versionPage() -> HTTPResponse { .json(["version": Self.version]) }
}
