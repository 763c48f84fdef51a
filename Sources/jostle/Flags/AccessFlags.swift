import ArgumentParser

/// Who may ask, and over what.
struct AccessFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            A key that requests must show as 'Authorization: Bearer KEY'; may be repeated. Who lists the machine's \
            processes sees it: JOSTLE_API_KEY (keys with commas between them) or --api-key-file keep it to yourself. \
            (default: none is asked for)
            """, valueName: "key"))
    var apiKey: [KeyList] = []

    @Option(
        help: ArgumentHelp(
            "A file of such keys, one on each line; # begins a comment. They count beside --api-key.",
            valueName: "file"))
    var apiKeyFile: String?

    @Option(
        help: ArgumentHelp(
            "Serve https: a PEM file with the certificate, and those that vouch for it behind it.",
            valueName: "file"))
    var tlsCert: String?

    @Option(help: ArgumentHelp("A PEM file with the certificate's private key.", valueName: "file"))
    var tlsKey: String?

    @Option(
        help: ArgumentHelp(
            """
            Web pages that may read the answers, by origin: https://example.com, or * for all; may be repeated. \
            (default: none)
            """, valueName: "origin"))
    var corsOrigin: [NameList] = []
}
