import ArgumentParser

/// The catalogue to serve.
struct CatalogueFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The catalogue: a folder with catalog.yaml, or the file itself. (default: Models in the working \
            directory, or else in the nearest folder above the executable)
            """, valueName: "path"))
    var models: String?
}
