import ArgumentParser

/// Keys, TLS and cross-origin access.
struct AccessFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            An API key; may be repeated. With keys set, every request must send one, as 'Authorization: Bearer KEY'. \
            Other users of the machine can see command lines: prefer --api-key-file, or JOSTLE_API_KEY with a \
            comma-separated list. (default: no key needed)
            """, valueName: "key"))
    var apiKey: [KeyList] = []

    @Option(
        help: ArgumentHelp(
            "A file of API keys, one per line; # starts a comment. They are added to those of --api-key.",
            valueName: "file"))
    var apiKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Serve HTTPS: a PEM file with the certificate, followed by its chain. Needs --tls-key.",
            valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("A PEM file with the private key of the certificate.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            """
            An origin whose web pages may read responses (CORS): https://example.com, or * for all; may be repeated. \
            (default: none)
            """, valueName: "origin"))
    var corsOrigin: [NameList] = []
}
