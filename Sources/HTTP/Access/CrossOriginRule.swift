/// Which web pages may read the server's answers: CORS, as in the Fetch standard.
public struct CrossOriginRule: Sendable {
    /// Allowed origins, such as `https://example.com`; `*` allows all.
    public var origins: [String] = []

    public init() {}

    /// Headers that a page may read beside those that it always may.
    private static let exposed = [
        "x-request-id", "x-jostle-isolation", "x-should-retry", "openai-model", "openai-version",
        "openai-processing-ms", "retry-after", "www-authenticate",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    ].joined(separator: ", ")

    /// Seconds for which a browser may cache a preflight.
    private static let maximumAge = 600

    /// Headers of every response to a request from a page of `origin`.
    func headers(for origin: String?) -> [(name: String, value: String)] {
        guard !origins.isEmpty else { return [] }
        let vary = (name: "Vary", value: "Origin")
        guard let origin, let allowed = allowed(origin) else { return [vary] }
        return [
            vary, ("Access-Control-Allow-Origin", allowed), ("Access-Control-Expose-Headers", Self.exposed),
        ]
    }

    /// More headers for a preflight: allows the methods of the path, and any header the page asks for.
    public func preflightHeaders(
        for head: HTTPHead, methods: [String]
    ) -> [(name: String, value: String)] {
        guard head.isPreflight, let origin = head.headers["origin"], allowed(origin) != nil else { return [] }
        return [
            ("Access-Control-Allow-Methods", methods.joined(separator: ", ")),
            (
                "Access-Control-Allow-Headers",
                head.headers["access-control-request-headers"] ?? "authorization, content-type"
            ),
            ("Access-Control-Max-Age", "\(Self.maximumAge)"),
        ]
    }

    private func allowed(_ origin: String) -> String? {
        if origins.contains("*") { return "*" }
        return origins.contains(origin) ? origin : nil
    }
}

extension HTTPHead {
    /// Whether a browser asks if a page may send a request.
    public var isPreflight: Bool { method == "OPTIONS" && headers["access-control-request-method"] != nil }
}
