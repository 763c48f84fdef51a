import ArgumentParser

/// Which catalogue.
struct CatalogueFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The catalogue: a folder with catalog.yaml, or such a file. (default: Models in the working directory, \
            else in a folder above the executable)
            """, valueName: "path"))
    var models: String?
}
