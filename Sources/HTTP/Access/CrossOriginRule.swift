/// Which web pages may read the server's answers, by the origin they came from: the Fetch standard's CORS.
public struct CrossOriginRule: Sendable {
    /// Such as `https://example.com`; `*` is every origin.
    public var origins: [String] = []

    public init() {}

    /// Headers beyond the few that a page may always read.
    private static let exposed = [
        "x-request-id", "x-jostle-isolation", "x-should-retry", "openai-model", "openai-version",
        "openai-processing-ms", "retry-after", "www-authenticate",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    ].joined(separator: ", ")

    /// Seconds that a browser may remember what it was told about a path.
    private static let maximumAge = 600

    /// What every response carries, where the request came from a page of `origin`.
    func headers(for origin: String?) -> [(name: String, value: String)] {
        guard !origins.isEmpty else { return [] }
        let vary = (name: "Vary", value: "Origin")
        guard let origin, let allowed = allowed(origin) else { return [vary] }
        return [
            vary, ("Access-Control-Allow-Origin", allowed), ("Access-Control-Expose-Headers", Self.exposed),
        ]
    }

    /// What the answer to a preflight has beside that: the methods of the path, and any header asked for.
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
    /// Whether a browser asks on its own behalf, before it lets a page ask.
    public var isPreflight: Bool { method == "OPTIONS" && headers["access-control-request-method"] != nil }
}
